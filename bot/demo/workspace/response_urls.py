"""The `response_url`s: secret addresses for five uses within thirty minutes."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.runtime.clock import Clock

USES = 5
LIFETIME = timedelta(minutes=30)


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """The target of an answer: this person in this channel, or the message that was clicked."""

    key: str
    user: str
    channel: str
    expires: datetime
    message_ts: str | None = None
    uses: int = 0


class ResponseUrlBook:
    """The response URLs issued so far."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_key: dict[str, ResponseUrl] = {}

    def issue(self, *, user: str, channel: str, message_ts: str | None = None) -> ResponseUrl:
        """Issue a response URL; its key is the last part of the address."""
        expires = self._clock.now() + LIFETIME
        key = secrets.token_urlsafe(18)
        reply_url = ResponseUrl(key=key, user=user, channel=channel, expires=expires, message_ts=message_ts)
        self._by_key[key] = reply_url
        return reply_url

    def find(self, key: str) -> ResponseUrl | str:
        """Return the response URL, or Slack's word if it is unknown, expired or used up."""
        reply_url = self._by_key.get(key)
        if reply_url is None:
            return "invalid_url"
        if self._clock.now() >= reply_url.expires:
            return "expired_url"
        return "used_url" if reply_url.uses >= USES else reply_url

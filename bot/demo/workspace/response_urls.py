"""The `response_url`s: five uses within thirty minutes, whoever holds the address."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.runtime.clock import Clock

USES = 5
LIFETIME = timedelta(minutes=30)


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """Where an answer goes: to this person in this channel, or onto the message that was clicked."""

    key: str
    user: str
    channel: str
    expires: datetime
    message_ts: str | None = None
    uses: int = 0


class ResponseUrlBook:
    """All response addresses handed out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_key: dict[str, ResponseUrl] = {}

    def issue(self, *, user: str, channel: str, message_ts: str | None = None) -> ResponseUrl:
        """A new address; its key is the last part of the URL."""
        expires = self._clock.now() + LIFETIME
        key = secrets.token_urlsafe(18)
        hook = ResponseUrl(key=key, user=user, channel=channel, expires=expires, message_ts=message_ts)
        self._by_key[key] = hook
        return hook

    def find(self, key: str) -> ResponseUrl | str:
        """The hook, or Slack's word for why it is of no use any more."""
        hook = self._by_key.get(key)
        if hook is None:
            return "invalid_url"
        if self._clock.now() >= hook.expires:
            return "expired_url"
        return "used_url" if hook.uses >= USES else hook

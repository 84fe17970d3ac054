"""An app's ways to react to an action: a `response_url` for half an hour, a trigger id for three seconds."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.workspace.refusal import MethodRefusal
from bot.runtime.clock import Clock

USES = 5
_URL_LIFETIME = timedelta(minutes=30)
_TRIGGER_LIFETIME = timedelta(seconds=3)


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
        expires = self._clock.now() + _URL_LIFETIME
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


@dataclass(slots=True)
class _Trigger:
    user: str
    expires: datetime
    used: bool = False


class TriggerBook:
    """The trigger ids issued so far, each valid once for one person."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, _Trigger] = {}

    def issue(self, user: str, *, expired: bool = False) -> str:
        """Issue a trigger id; `expired` makes one that is too old already (a requested fault)."""
        trigger_id = f"{len(self._issued) + 1}.0000000000.demo{len(self._issued) + 1:06x}"
        life = timedelta(0) if expired else _TRIGGER_LIFETIME
        self._issued[trigger_id] = _Trigger(user, self._clock.now() + life)
        return trigger_id

    def use(self, trigger_id: str) -> str:
        """Use up a trigger id and return its person.

        Raises MethodRefusal `invalid_trigger_id`, `expired_trigger_id` or `exchanged_trigger_id`.
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise MethodRefusal("invalid_trigger_id")
        if trigger.used:
            raise MethodRefusal("exchanged_trigger_id")
        if self._clock.now() >= trigger.expires:
            raise MethodRefusal("expired_trigger_id")
        trigger.used = True
        return trigger.user

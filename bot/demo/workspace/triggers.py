"""Trigger ids, valid once within three seconds for one person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.workspace.refusal import MethodRefusal
from bot.runtime.clock import Clock

LIFETIME = timedelta(seconds=3)


@dataclass(slots=True)
class Trigger:
    """A trigger id's person and expiry; `view` is the view of the action, if any."""

    user: str
    expires: datetime
    view: str | None = None
    used: bool = False


class TriggerBook:
    """The trigger ids issued so far."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, *, view: str | None = None, expired: bool = False) -> str:
        """Issue a trigger id; `expired` makes one that is too old already (a requested fault)."""
        trigger_id = f"{len(self._issued) + 1}.0000000000.demo{len(self._issued) + 1:06x}"
        life = timedelta(0) if expired else LIFETIME
        self._issued[trigger_id] = Trigger(user, self._clock.now() + life, view)
        return trigger_id

    def use(self, trigger_id: str) -> Trigger:
        """Use up a trigger id.

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
        return trigger

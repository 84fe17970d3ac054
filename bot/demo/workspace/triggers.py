"""Trigger ids: three seconds, once, and only for the person whose act made them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.workspace.refusal import MethodRefusal
from bot.runtime.clock import Clock

LIFETIME = timedelta(seconds=3)


@dataclass(slots=True)
class Trigger:
    """`view` is the view the act happened in, where there was one."""

    user: str
    expires: datetime
    view: str | None = None
    used: bool = False


class TriggerBook:
    """All trigger ids handed out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str, *, view: str | None = None, expired: bool = False) -> str:
        """A new trigger id; `expired` makes one that is too old already (a fault on request)."""
        trigger_id = f"{len(self._issued) + 1}.0000000000.demo{len(self._issued) + 1:06x}"
        life = timedelta(0) if expired else LIFETIME
        self._issued[trigger_id] = Trigger(user, self._clock.now() + life, view)
        return trigger_id

    def use(self, trigger_id: str) -> Trigger:
        """Spend it. Raises Refusal `invalid_trigger_id`, `expired_trigger_id`, `exchanged_trigger_id`."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise MethodRefusal("invalid_trigger_id")
        if trigger.used:
            raise MethodRefusal("exchanged_trigger_id")
        if self._clock.now() >= trigger.expires:
            raise MethodRefusal("expired_trigger_id")
        trigger.used = True
        return trigger

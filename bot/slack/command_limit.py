"""The limit of commands per person, checked before a delivery costs more than its ack."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.access.command_rate import CommandRate
from bot.domain.errors import LimitReached
from bot.domain.phrases import format_count
from bot.domain.request import Invocation
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger

log = get_logger()

REPORT_SECONDS = 60.0
"""Seconds between two rows of the audit log about one person's commands over the limit."""

TELL_SECONDS = 10.0
"""Seconds between two messages that tell a person of the limit where the ack cannot."""

TurnAway = Callable[[Invocation, str, str, str], Awaitable[None]]
"""Records an invocation that is not carried out, with its outcome in one word and the reason."""


@dataclass(slots=True)
class _OverLimit:
    """The last command of a person over the limit, how many there were since the last row, and the time of
    the last message about it, in seconds."""

    last: Invocation
    count: int = 0
    told_at: float = float("-inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLimit:
    """A count of each person's commands. Those open to all, whose first words are in `open_words`, are
    counted apart: who has used up the others can still read help."""

    rate: CommandRate
    clock: Clock
    open_words: frozenset[str]
    turn_away: TurnAway
    _over: dict[str, _OverLimit] = field(default_factory=dict)

    async def refuse(self, invocation: Invocation, kind: str = "") -> LimitReached | None:
        """Count a command, or something else of that `kind`; return why it may not run, None if it may.

        The first over the limit has its row in the audit log at once, the others one row a minute.
        """
        first = next(iter(invocation.text.split(maxsplit=1)), "").casefold()
        kind = kind or ("open" if first in self.open_words else "")
        person = invocation.actor.id
        try:
            self.rate.take(f"{kind} {person}", self.clock.monotonic())
        except LimitReached as error:
            if person in self._over:
                self._over[person].last = invocation
                self._over[person].count += 1
            else:
                self._over[person] = _OverLimit(invocation)
                log.warning("too many commands", user=person, limit=self.rate.per_minute)
                await self.turn_away(invocation, "limited", str(error), error.error_code)
            return error
        return None

    def claim_message(self, person: str) -> bool:
        """Return whether it is time to tell a person of the limit by a message."""
        over, now = self._over.get(person), self.clock.monotonic()
        if over is None or now - over.told_at < TELL_SECONDS:
            return False
        over.told_at = now
        return True

    async def run(self) -> None:
        """Record every minute, and when cancelled, how many commands were over the limit."""
        try:
            while True:
                await self.clock.sleep(REPORT_SECONDS)
                await self._report()
        finally:
            await self._report()

    async def _report(self) -> None:
        over = list(self._over.values())
        self._over.clear()
        for each in over:
            if each.count:
                more = format_count(each.count, "further command")
                detail = f"{more} over the limit; this is the last one"
                await self.turn_away(each.last, "limited", detail, LimitReached.error_code)

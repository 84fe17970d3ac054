"""The number of commands that each person may give in a minute."""

from dataclasses import dataclass
from math import ceil

from bot.domain.errors import LimitReached
from bot.domain.phrases import format_count

SECONDS = 60.0
MAX_PEOPLE = 10_000
"""People remembered; beyond that, those who have been quiet longest are forgotten."""


@dataclass(slots=True)
class _Allowance:
    """The commands that are left to somebody, as of a moment."""

    left: float
    at: float


class CommandRate:
    """An allowance of `per_minute` commands for each person, which fills up again evenly.

    So a person who has used it up waits for one command, not for a minute.
    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._people: dict[str, _Allowance] = {}

    def take(self, person: str, now: float) -> None:
        """Count one command. Raises LimitReached. `now` is in seconds of a clock that never goes back."""
        rate = self.per_minute / SECONDS
        if person not in self._people and len(self._people) >= MAX_PEOPLE:
            self._people = {name: each for name, each in self._people.items() if now - each.at < SECONDS}
        allowance = self._people.setdefault(person, _Allowance(self.per_minute, now))
        allowance.left = min(self.per_minute, allowance.left + (now - allowance.at) * rate)
        allowance.at = now
        # A sum of floats may miss a whole command by rounding; nobody must wait for that.
        if allowance.left < 1 - 1e-6:
            wait = format_count(max(1, ceil((1 - allowance.left) / rate)), "second")
            raise LimitReached(
                f"You've reached the limit of {format_count(self.per_minute, 'command')} a minute.",
                f"Nothing was run. Try again in {wait}.",
            )
        allowance.left -= 1

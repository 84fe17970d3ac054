"""The times of a lease's claim, by the machine's clocks and by Slack's; see `bot.runtime.bot_lease`."""

from dataclasses import dataclass, replace

TERM = 120.0
"""Seconds that a claim lasts: a request that leaves right before a renewal that fails, and time for another
try. A crash keeps another bot waiting for so long."""

MARGIN = 5.0
"""Seconds by which clocks may differ or drift within a term."""

LONGEST_CLAIM = 12 * 3600.0
"""Seconds after which a holder posts its claim again: it is found among the latest messages, and its time is
counted from a new stamp of Slack's."""

LATEST_ARRIVAL = 60.0
"""Seconds after which a call without an answer has reached Slack, or never will."""


@dataclass(frozen=True, slots=True)
class LeaseMoment:
    """A moment by both of the machine's clocks: the monotonic one stands still in a suspended machine."""

    monotonic: float
    wall: float

    def since(self, earlier: "LeaseMoment") -> float:
        """Return the seconds from then to now: those of the clock that went further."""
        return max(self.monotonic - earlier.monotonic, self.wall - earlier.wall)

    def agrees(self, earlier: "LeaseMoment") -> bool:
        """Return whether both clocks have gone equally far."""
        return abs((self.monotonic - earlier.monotonic) - (self.wall - earlier.wall)) < MARGIN


@dataclass(frozen=True, slots=True)
class PostedClaim:
    """A claim that Slack has stamped between `asked` and `answered`."""

    stamp: str
    asked: LeaseMoment
    answered: LeaseMoment

    def at_most(self, now: LeaseMoment) -> float:
        """Return Slack's time now, at most; a second covers how its stamps are rounded."""
        return float(self.stamp) + now.monotonic - self.asked.monotonic + 1

    def at_least(self, now: LeaseMoment) -> float:
        """Return Slack's time now, at least."""
        return float(self.stamp) + now.monotonic - self.answered.monotonic


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldClaim:
    """A claim that this process holds, extended the last time at `renewed`. It counts from a time of Slack's
    clock on, which is 0 once it does, and is confirmed once the channel was read a second time.

    `unanswered` are the moments of extensions that may still reach Slack, and shorten the claim again.
    """

    posted: PostedClaim
    renewed: LeaseMoment
    counts_from: float = 0.0
    is_confirmed: bool = False
    unanswered: tuple[LeaseMoment, ...] = ()

    def extended(self, at: LeaseMoment) -> "HeldClaim":
        """Return the claim after an extension at that time that Slack has confirmed."""
        late = tuple(each for each in self.unanswered if at.since(each) < LATEST_ARRIVAL)
        return replace(self, renewed=late[0] if late else at, unanswered=late)

    def left(self, now: LeaseMoment) -> float:
        """Return the seconds for which it surely holds."""
        return TERM - MARGIN - now.since(self.renewed)

    def counts_in(self, now: LeaseMoment) -> float:
        """Return the seconds from which on it counts; not more than 0 if it does."""
        return self.counts_from - self.posted.at_least(now)

    def is_fresh(self, now: LeaseMoment) -> bool:
        """Return whether Slack's time is still known from the claim's stamp, and the claim easily found."""
        age = now.monotonic - self.posted.asked.monotonic
        return age < LONGEST_CLAIM and now.agrees(self.posted.asked)

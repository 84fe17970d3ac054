"""Following a cluster until it is as wanted, on the injected clock, and saying what was last seen."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.cluster import Api, Cluster
from bot.domain.errors import CloudTrouble, NotFound, RateLimited, Unreachable, UnreadableAnswer
from bot.ionos.not_found import NOT_ASKED
from bot.runtime.clock import Clock

GONE = "GONE"
"""Wanted when the cluster shall answer 404; no state of either API."""

FIRST_WAIT = 5.0
"""Seconds before the first look: right after a PATCH, v1 can still show the old AVAILABLE (notes 4)."""

LONGEST_WAIT = 30.0
FAILED_FOR_GOOD = {Api.V1: 600.0, Api.V2: 0.0}
"""Seconds for which FAILED must last to be believed: on v1 it can pass by itself (notes section 4)."""

ABSENT = 2
"""Looks in a row that must find nothing before a cluster counts as gone: one 404 could be a mishap."""

APPEARS = 600.0
"""Seconds that a cluster which was just made may take to show; assumed, for no source tells."""

PASSING = (RateLimited, CloudTrouble, Unreachable, UnreadableAnswer)
"""What may be over at the next look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitResult:
    """How it ended. `cluster` is what was seen last; None when it never could be read, or is gone.

    `is_known` is False when that is no end: time was up, or nobody could look.
    """

    reached: bool
    cluster: Cluster | None
    words: str
    is_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitGoal:
    """What to wait for: states of the API, or GONE; for at most `limit`. `seen` is told of every look.

    `before` is the cluster as it was read before the change that is waited for. The states then count only
    once it has been seen in another state than before, or with a later `modified_at`: after a change the old
    AVAILABLE can still be read for a while. A change that leaves no such trace is waited for until `limit`.
    `is_new` says that the cluster was just made: until it shows, its absence says nothing.
    """

    states: frozenset[str] = frozenset({"AVAILABLE"})
    before: Cluster | None = None
    limit: timedelta = timedelta(hours=1)
    is_new: bool = False
    seen: Callable[[Cluster], Awaitable[None]] | None = None


class ClusterWait:
    """One wait for one cluster."""

    def __init__(self, look: Callable[[], Awaitable[Cluster]], wish: WaitGoal, clock: Clock) -> None:
        self._look = look
        self._wish = wish
        self._clock = clock
        self._last: Cluster | None = None
        self._trouble = ""
        self._absent = 0
        self._shows_from = clock.monotonic() + (APPEARS if wish.is_new else 0.0)
        self._failed_since: float | None = None
        self._begun = wish.before is None

    async def until_done(self) -> WaitResult:
        """Look, with growing pauses, until the wish is met, the cluster has FAILED for good, or time is up.

        Trouble that may pass is waited out. Raises the other CloudErrors, such as Unauthorized.
        """
        deadline = self._clock.monotonic() + self._wish.limit.total_seconds()
        pause = FIRST_WAIT
        while True:
            await self._clock.sleep(max(min(pause, deadline - self._clock.monotonic()), 0))
            ended = await self._look_once()
            if ended is not None:
                return ended
            if self._clock.monotonic() >= deadline:
                words = f"after {_length(self._wish.limit)} it was {self._state()}"
                return WaitResult(reached=False, cluster=self._last, words=words, is_known=False)
            pause = min(pause * 1.5, LONGEST_WAIT)

    async def _look_once(self) -> WaitResult | None:
        try:
            self._last = await self._look()
            self._trouble, self._absent = "", 0
        except NotFound as error:
            return self._missed(error)
        except PASSING as error:
            self._trouble = error.sentence
            return None
        if self._wish.seen is not None:
            await self._wish.seen(self._last)
        return self._judged(self._last)

    def _missed(self, error: NotFound) -> WaitResult | None:
        self._absent += 1
        self._trouble = error.sentence
        is_late = self._last is None and self._clock.monotonic() < self._shows_from
        if self._absent < ABSENT or is_late:
            return None
        self._last = None
        doubt = f" from v1. {error.next_step}" if error.next_step.startswith(NOT_ASKED) else ""
        reached = GONE in self._wish.states
        return WaitResult(
            reached=reached, cluster=None, words=f"it is gone{doubt}", is_known=reached or not doubt
        )

    def _judged(self, cluster: Cluster) -> WaitResult | None:
        self._begun = self._begun or self._shows_change(cluster)
        if cluster.state in self._wish.states:
            if not self._begun:
                return None
            return self._ended(f"it is {cluster.state}", reached=True)
        if cluster.state != "FAILED":
            self._failed_since = None
            return None
        now = self._clock.monotonic()
        self._failed_since = now if self._failed_since is None else self._failed_since
        if now - self._failed_since < FAILED_FOR_GOOD[cluster.api]:
            return None
        return self._ended("it is FAILED and stays so", reached=False)

    def _shows_change(self, cluster: Cluster) -> bool:
        before = self._wish.before
        if before is None or cluster.state not in {before.state, *self._wish.states}:
            return True
        now, then = cluster.modified_at, before.modified_at
        return now is not None and (then is None or now > then)

    def _state(self) -> str:
        state = f"still {self._last.state}" if self._last else "never seen"
        if self._last and not self._begun:
            state += ", without a trace of the change"
        return f"{state}, and the last look failed: {self._trouble}" if self._trouble else state

    def _ended(self, words: str, *, reached: bool) -> WaitResult:
        return WaitResult(reached=reached, cluster=self._last, words=words)


def _length(limit: timedelta) -> str:
    """In whole hours where it is some, else in minutes."""
    minutes = int(limit.total_seconds()) // 60
    number, unit = (minutes, "minute") if minutes % 60 else (minutes // 60, "hour")
    return f"{number} {unit}" + "s" * (number != 1)

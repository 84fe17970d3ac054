"""Polling of a cluster until it reaches a goal, on the injected clock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.cluster import Api, Cluster
from bot.domain.errors import CloudTrouble, NotFound, RateLimited, Unreachable, UnreadableAnswer
from bot.ionos.not_found import NOT_ASKED
from bot.runtime.clock import Clock

GONE = "GONE"
"""The goal of a deletion: the cluster answers 404. No API has this state."""

FIRST_WAIT = 5.0
"""Seconds before the first poll: right after a PATCH, v1 can still show the old AVAILABLE (notes 4)."""

LONGEST_WAIT = 30.0
FAILED_FOR_GOOD = {Api.V1: 600.0, Api.V2: 0.0}
"""Seconds for which FAILED must last to count: on v1 it can pass by itself (notes section 4)."""

ABSENT = 2
"""Polls in a row that must find nothing before a cluster counts as gone: one 404 may be an error."""

APPEARS = 600.0
"""Seconds that a new cluster may take to appear; assumed, no source says."""

PASSING = (RateLimited, CloudTrouble, Unreachable, UnreadableAnswer)
"""Errors that may have passed at the next poll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitResult:
    """The end of a wait. `cluster` is the last one read; None when it was never readable, or is gone.

    `is_known` is False when the outcome is not known: time was up, or the API did not answer.
    """

    reached: bool
    cluster: Cluster | None
    words: str
    is_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitGoal:
    """The goal: states of the API, or GONE, within `limit`. `seen` is called with every poll.

    `before` is the cluster as read before the change. The states then count only once it has been seen in
    another state than before, or with a later `modified_at`: after a change the old AVAILABLE can still be
    read for a while. Without such a trace the wait lasts until `limit`. `is_new` marks a cluster just
    created: until it appears, its absence says nothing.
    """

    states: frozenset[str] = frozenset({"AVAILABLE"})
    before: Cluster | None = None
    limit: timedelta = timedelta(hours=1)
    is_new: bool = False
    seen: Callable[[Cluster], Awaitable[None]] | None = None


class ClusterWait:
    """One wait for one cluster."""

    def __init__(self, look: Callable[[], Awaitable[Cluster]], goal: WaitGoal, clock: Clock) -> None:
        self._look = look
        self._goal = goal
        self._clock = clock
        self._last: Cluster | None = None
        self._trouble = ""
        self._absent = 0
        self._shows_from = clock.monotonic() + (APPEARS if goal.is_new else 0.0)
        self._failed_since: float | None = None
        self._begun = goal.before is None

    async def until_done(self) -> WaitResult:
        """Poll, with growing pauses, until the goal is reached, FAILED lasts, or time is up.

        Temporary errors are waited out. Raises the other CloudErrors, such as Unauthorized.
        """
        deadline = self._clock.monotonic() + self._goal.limit.total_seconds()
        pause = FIRST_WAIT
        while True:
            await self._clock.sleep(max(min(pause, deadline - self._clock.monotonic()), 0))
            ended = await self._look_once()
            if ended is not None:
                return ended
            if self._clock.monotonic() >= deadline:
                words = f"after {_format_length(self._goal.limit)} it was {self._state()}"
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
        if self._goal.seen is not None:
            await self._goal.seen(self._last)
        return self._judged(self._last)

    def _missed(self, error: NotFound) -> WaitResult | None:
        self._absent += 1
        self._trouble = error.sentence
        is_late = self._last is None and self._clock.monotonic() < self._shows_from
        if self._absent < ABSENT or is_late:
            return None
        self._last = None
        doubt = f" from v1. {error.next_step}" if error.next_step.startswith(NOT_ASKED) else ""
        reached = GONE in self._goal.states
        return WaitResult(
            reached=reached, cluster=None, words=f"it is gone{doubt}", is_known=reached or not doubt
        )

    def _judged(self, cluster: Cluster) -> WaitResult | None:
        self._begun = self._begun or self._shows_change(cluster)
        if cluster.state in self._goal.states:
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
        before = self._goal.before
        if before is None or cluster.state not in {before.state, *self._goal.states}:
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


def _format_length(limit: timedelta) -> str:
    """Return whole hours where there are any, else minutes."""
    minutes = int(limit.total_seconds()) // 60
    number, unit = (minutes, "minute") if minutes % 60 else (minutes // 60, "hour")
    return f"{number} {unit}" + "s" * (number != 1)

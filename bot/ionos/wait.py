"""Polling of a cluster until it reaches a goal, on the injected clock."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.cluster import Api, Cluster
from bot.domain.errors import (
    CloudError,
    CloudTrouble,
    NotFound,
    RateLimited,
    Unreachable,
    UnreadableAnswer,
)
from bot.domain.phrases import format_count, quote_text
from bot.ionos.cluster_lookup import NOT_ASKED
from bot.runtime.clock import Clock

GONE = "GONE"
"""The goal of a deletion: the cluster answers 404. No API has this state."""

FIRST_WAIT = 5.0
"""Seconds before the first poll: right after a PATCH, v1 can still show the old AVAILABLE (notes 4)."""

LONGEST_WAIT = 30.0
FAILED_FOR_GOOD = {Api.V1: 600.0, Api.V2: 0.0}
"""Seconds for which FAILED must last to count: on v1 it can pass by itself (notes section 4)."""

ABSENT_LOOKS, ABSENT_SECONDS = 4, 120.0
"""Looks in a row that must find nothing, and the seconds between the first and the last of them, before a
cluster that is to go counts as gone: v1 was seen to answer 404 for a while (issue 17)."""

INVISIBLE_SECONDS = 1_800.0
"""Seconds after which a cluster that is not found, and is not to go, is no longer waited for. A new one may
take a while to appear (assumed, no source says)."""

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
    read for a while. Without such a trace the wait lasts until `limit`. `missed` is called with words while
    the cluster can't be looked at.
    """

    states: frozenset[str] = frozenset({"AVAILABLE"})
    before: Cluster | None = None
    limit: timedelta = timedelta(hours=1)
    seen: Callable[[Cluster], Awaitable[None]] | None = None
    missed: Callable[[str], Awaitable[None]] | None = None


@dataclass(slots=True)
class AbsenceWatch:
    """Looks in a row that found something neither at its address nor in any listing."""

    clock: Clock
    looks: int = 0
    since: float = 0.0

    def found(self) -> None:
        """Begin again: it was found, or nobody could look."""
        self.looks = 0

    def missed(self) -> bool:
        """Count a look that found nothing; return whether that is certain by now."""
        now = self.clock.monotonic()
        self.since = self.since if self.looks else now
        self.looks += 1
        return self.looks >= ABSENT_LOOKS and now - self.since >= ABSENT_SECONDS


async def judge_absence(watch: AbsenceWatch, doubt: Awaitable[str]) -> str:
    """Return why what a 404 is about may exist all the same, "" when it is certain that it does not. `doubt`
    reads the listings, see `FleetReads.doubt_absence`. Raises CloudError."""
    why = await doubt
    if why:
        watch.found()
        return why
    return "" if watch.missed() else "it has been missing for too short a time to be gone for certain"


class ClusterWait:
    """One wait for one cluster: `look` reads it, and `doubt_absence` returns why it may exist although its
    address does not find it, "" where it is missing from a complete listing, too."""

    def __init__(
        self,
        look: Callable[[], Awaitable[Cluster]],
        doubt_absence: Callable[[], Awaitable[str]],
        goal: WaitGoal,
        clock: Clock,
    ) -> None:
        self._look = look
        self._doubt_absence = doubt_absence
        self._goal = goal
        self._clock = clock
        self._last: Cluster | None = None
        self._trouble = ""
        self._absence = AbsenceWatch(clock)
        self._missing_since: float | None = None
        self._blind_since: float | None = None
        self._failed_since: float | None = None
        self._begun = goal.before is None

    async def until_done(self) -> WaitResult:
        """Poll, with growing pauses, until the goal is reached, FAILED lasts, or time is up.

        Whatever the API answers meanwhile is waited out: tokens are renewed, and so are permissions.
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
        except NotFound as error:
            return await self._missed(error)
        except CloudError as error:
            self._absence.found()
            await self._tell_trouble(error.sentence)
            return None
        self._trouble, self._missing_since = "", None
        self._blind_since = None
        self._absence.found()
        if self._goal.seen is not None:
            await self._goal.seen(self._last)
        return self._judged(self._last)

    async def _missed(self, error: NotFound) -> WaitResult | None:
        """Judge a 404. It means "gone" only where the cluster is to go, for minutes, and by a listing too."""
        now, trouble = self._clock.monotonic(), error.sentence
        self._missing_since = now if self._missing_since is None else self._missing_since
        if GONE in self._goal.states:
            trouble = await judge_absence(self._absence, self._doubt_absence())
            if not trouble:
                moved = f" from v1. {error.next_step}" if error.next_step.startswith(NOT_ASKED) else ""
                return WaitResult(reached=True, cluster=None, words=f"it is gone{moved}")
        elif now - self._missing_since >= INVISIBLE_SECONDS:
            words = f"it has not been visible for {_format_length(timedelta(seconds=INVISIBLE_SECONDS))}"
            return WaitResult(reached=False, cluster=None, words=words, is_known=False)
        await self._tell_trouble(trouble)
        return None

    async def _tell_trouble(self, words: str) -> None:
        """Keep why the last look told nothing, and pass it on once that lasts: what passes is not news."""
        now, self._trouble = self._clock.monotonic(), words
        self._blind_since = now if self._blind_since is None else self._blind_since
        if self._goal.missed is not None and now - self._blind_since >= ABSENT_SECONDS:
            await self._goal.missed(words)

    def _judged(self, cluster: Cluster) -> WaitResult | None:
        self._begun = self._begun or self._shows_change(cluster)
        if cluster.state in self._goal.states:
            if not self._begun:
                return None
            return WaitResult(reached=True, cluster=cluster, words=f"it is {cluster.state}")
        if cluster.state != "FAILED":
            self._failed_since = None
            return None
        now = self._clock.monotonic()
        self._failed_since = now if self._failed_since is None else self._failed_since
        if now - self._failed_since < FAILED_FOR_GOOD[cluster.api]:
            return None
        why = f" (“{quote_text(cluster.status_message)}”)" if cluster.status_message else ""
        return WaitResult(reached=False, cluster=cluster, words=f"it is FAILED and stays so{why}")

    def _shows_change(self, cluster: Cluster) -> bool:
        before = self._goal.before
        if before is None or cluster.state not in {before.state, *self._goal.states}:
            return True
        now, then = cluster.modified_at, before.modified_at
        return now is not None and (then is None or now > then)

    def _state(self) -> str:
        state = f"still {self._last.state}" if self._last else "never seen"
        if self._missing_since is not None and self._last:
            state = f"last seen {self._last.state}"
        if self._last and not self._begun:
            state += ", without a trace of the change"
        return f"{state}, and the last check failed: {self._trouble}" if self._trouble else state


def _format_length(limit: timedelta) -> str:
    """Return whole hours where there are any, else minutes."""
    minutes = int(limit.total_seconds()) // 60
    number, unit = (minutes, "minute") if minutes % 60 else (minutes // 60, "hour")
    return format_count(number, unit)

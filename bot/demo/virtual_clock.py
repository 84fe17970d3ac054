"""The virtual clock of both simulators and, in the demo, of the bot."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta

from bot.runtime.clock import ClockDoubt

EPOCH = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""The start of every demo and every seeded test, so that their output is the same each time."""


class VirtualClock:
    """A clock that stands still until it is advanced, or runs and can be advanced as well.

    `running=False` (tests): time is exactly `start` plus every `advance`.
    `running=True` (demo): real seconds pass as well, so that a countdown on the screen counts.
    """

    doubt: ClockDoubt | None = None

    def __init__(self, start: datetime = EPOCH, *, running: bool = False) -> None:
        self._start = start
        self._offset = 0.0
        self._real_start = time.monotonic() if running else None
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._tickets = itertools.count()

    @classmethod
    def of_machine(cls) -> "VirtualClock":
        """Return a clock that starts at the machine's time, for simulators beside programs that read it."""
        return cls(datetime.now(UTC), running=True)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        real = 0.0 if self._real_start is None else time.monotonic() - self._real_start
        return self._offset + real

    def advance(self, by: timedelta) -> None:
        """Move forward and wake every sleeper that is due. Raises ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError("a clock can only move forward")
        self._offset += by.total_seconds()
        self._wake()

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait until this clock, not the machine's, is `seconds` further than now.

        The wait counts from this call. Counted from when a task first runs, it would grow by whatever the
        clock is advanced in between, and a message would miss the second that was kept for it.
        """
        if seconds <= 0:
            return asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        sleeper: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, next(self._tickets), sleeper))
        if self._real_start is not None:
            timer = loop.call_later(seconds, self._wake)
            sleeper.add_done_callback(lambda _: timer.cancel())
        return sleeper

    def _wake(self) -> None:
        # A timer may fire slightly early; a millisecond of tolerance ends the wait.
        now = self.monotonic() + 0.001
        while self._sleepers and self._sleepers[0][0] <= now:
            sleeper = heapq.heappop(self._sleepers)[2]
            if not sleeper.done():
                sleeper.set_result(None)

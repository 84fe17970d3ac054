"""Caches for what the fleet lists, each with its own policy of how long an answer counts.

They share answers between reads of one fleet (`Fleet.cached`). Nothing that decides reads through one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from bot.domain.cluster import Listing
from bot.runtime.clock import Clock
from bot.runtime.work_turns import take_turn

T = TypeVar("T")


class NoCache:
    """Reads every time."""

    async def get(self, key: str, read: Callable[[], Awaitable[Listing[T]]]) -> Listing[T]:  # noqa: ARG002
        return await read()


@dataclass(frozen=True, slots=True)
class CommandCache:
    """The listings behind one command's answer: each is read once.

    `at` is when the command began, UTC. `key` is the id under which the listings are stored already, empty
    for new ones.
    """

    at: datetime
    found: dict[str, Listing[Any]] = field(default_factory=dict)
    key: str = ""

    async def get(self, key: str, read: Callable[[], Awaitable[Listing[T]]]) -> Listing[T]:
        """Return what the command has read before, however old, or read it."""
        if key not in self.found:
            self.found[key] = await read()
        return self.found[key]


@dataclass(slots=True)
class _Entry:
    """One listing, and when it was read, in seconds of the monotonic clock; the lock makes readers wait for
    the first."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    at: float = float("-inf")
    found: Listing[Any] | None = None


class TimedCache:
    """Listings that count for a number of seconds, for everyone who asks in that time.

    An answer with gaps is shared like any other: a hundred reports must not each wait for a silent region.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._entries: dict[str, _Entry] = {}
        self._pruned_at = clock.monotonic()

    async def get(self, key: str, read: Callable[[], Awaitable[Listing[T]]]) -> Listing[T]:
        """Return an answer younger than the limit, or read it; callers meanwhile wait for the same one."""
        self._prune()
        entry = self._entries.setdefault(key, _Entry())
        async with entry.lock:
            if entry.found is None or not self._is_young(entry):
                entry.found = await read()
                entry.at = self._clock.monotonic()
            return entry.found

    def keep(self, key: str, found: Listing[T]) -> None:
        """Keep a listing that was read elsewhere."""
        entry = self._entries.setdefault(key, _Entry())
        entry.found, entry.at = found, self._clock.monotonic()

    def newest(self, key: str) -> Listing[Any] | None:
        """Return what `get` would return without a read, None if there is nothing or it is too old."""
        entry = self._entries.get(key)
        return entry.found if entry and self._is_young(entry) else None

    def _is_young(self, entry: _Entry) -> bool:
        return self._clock.monotonic() - entry.at <= self._seconds

    def _prune(self) -> None:
        """Drop old entries now and then: there are several for each cluster."""
        now = self._clock.monotonic()
        if now - self._pruned_at > self._seconds:
            self._pruned_at = now
            self._entries = {
                key: each for key, each in self._entries.items() if each.lock.locked() or self._is_young(each)
            }


ReadCache = NoCache | CommandCache | TimedCache

LONGEST_PAUSE = 2.0
"""Seconds between two shared readings at most."""


@dataclass(slots=True)
class _ReadLine:
    """The readings of one thing: those begun so far, the one that runs, and the last that has ended, by its
    number. `waiting` counts the callers."""

    begun: int = 0
    task: asyncio.Task[None] | None = None
    number: int = 0
    found: Any = None
    error: Exception | None = None
    waiting: int = 0
    took: float = 0.0


class SharedReads:
    """Readings that simultaneous callers share, at most one of a kind at a time. A caller gets the latest,
    which began after the call: nobody is told what was so before they asked.

    Under load a pause as long as a reading follows it, so that half of the time is left to make answers.
    """

    def __init__(self) -> None:
        self._lines: dict[str, _ReadLine] = {}

    async def get(
        self, key: str, read: Callable[[], Awaitable[T]], ready: Callable[[], Awaitable[None]] = take_turn
    ) -> T:
        """Return what a reading that begins after this call returns. Raises as `read` does.

        `ready` is awaited before it is handed out, and what was read meanwhile is handed out instead: many
        who wait hold one listing, not one each.
        """
        line = self._lines.setdefault(key, _ReadLine())
        asked, line.waiting = line.begun, line.waiting + 1
        try:
            while line.number <= asked:
                await self._wait(line, read)
            await ready()
            if line.error is not None:
                raise line.error
            found: T = line.found
            return found
        finally:
            line.waiting -= 1
            if not line.waiting:
                del self._lines[key]
                if line.task is not None:
                    line.task.cancel()

    async def _wait(self, line: _ReadLine, read: Callable[[], Awaitable[Any]]) -> None:
        if line.task is None or line.task.done():
            pause = min(line.took, LONGEST_PAUSE)
            line.task = asyncio.create_task(_read_into(line, read, pause))
        # Not awaited itself: one who stops waiting must not end the reading of the others.
        await asyncio.wait({line.task})


async def _read_into(line: _ReadLine, read: Callable[[], Awaitable[Any]], pause: float) -> None:
    await asyncio.sleep(pause)
    line.begun += 1
    number, began = line.begun, asyncio.get_running_loop().time()
    try:
        line.found, line.error = await read(), None
    except Exception as error:  # noqa: BLE001 - raised where it is waited for
        line.found, line.error = None, error
    line.number, line.took = number, asyncio.get_running_loop().time() - began

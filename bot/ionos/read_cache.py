"""Caches for what the fleet lists, each with its own policy of how long an answer counts.

They share answers between reads of one fleet (`Fleet.cached`). Nothing that decides reads through one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from bot.domain.cluster import Listing
from bot.runtime.clock import Clock

T = TypeVar("T")


class ReadCache(Protocol):
    """Decides whether a listing is read again."""

    async def get(self, key: str, read: Callable[[], Awaitable[Listing[T]]]) -> Listing[T]:
        """Return the listing kept under `key`, or read and keep it. Raises what `read` raises."""
        ...


class NoCache:
    """Reads every time."""

    async def get(self, key: str, read: Callable[[], Awaitable[Listing[T]]]) -> Listing[T]:  # noqa: ARG002
        """Read."""
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
            if entry.found is None or self._clock.monotonic() - entry.at > self._seconds:
                entry.found = await read()
                entry.at = self._clock.monotonic()
            return entry.found

    def _prune(self) -> None:
        """Drop old entries now and then: there are several for each cluster."""
        now = self._clock.monotonic()
        if now - self._pruned_at > self._seconds:
            self._pruned_at = now
            self._entries = {
                key: each
                for key, each in self._entries.items()
                if each.lock.locked() or now - each.at <= self._seconds
            }


class SharedReads:
    """Readings that simultaneous callers share. Who asks while one runs waits for the next one, which begins
    when that has ended: nobody is told what was so before they asked, and at most one runs at a time."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._next: dict[str, asyncio.Task[Any]] = {}

    async def get(self, key: str, read: Callable[[], Awaitable[T]]) -> T:
        """Return what a reading that begins after this call returns. Raises as `read` does."""
        running = self._running.get(key)
        if key in self._next:
            task = self._next[key]
        elif running is None or running.done():
            task = self._running[key] = asyncio.ensure_future(read())
        else:
            task = self._next[key] = asyncio.create_task(self._read_after(running, key, read))
        task.add_done_callback(_take_error)
        # One who stops waiting must not end the reading of the others.
        found: T = await asyncio.shield(task)
        return found

    async def _read_after(self, running: asyncio.Task[Any], key: str, read: Callable[[], Awaitable[T]]) -> T:
        await asyncio.wait({running})
        self._running[key] = self._next.pop(key)
        return await read()


def _take_error(task: asyncio.Task[Any]) -> None:
    """Take note of an error that nobody waits for any more."""
    if not task.cancelled():
        task.exception()

"""Spacing of requests that the API fails in quick succession: one after the other, with a pause."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.runtime.clock import Clock

BETWEEN_DELETIONS = 10.0
"""Seconds between two deletions of users or databases of a cluster; sooner gives 500 (notes 4)."""


class RateSpacing:
    """One queue per key, on the injected clock."""

    def __init__(self, clock: Clock, seconds: float = BETWEEN_DELETIONS) -> None:
        self._clock = clock
        self._seconds = seconds
        self._turns: dict[str, asyncio.Lock] = {}
        self._last: dict[str, float] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait until the previous one has ended, and for the pause after it."""
        async with self._turns.setdefault(key, asyncio.Lock()):
            if key in self._last:
                await self._clock.sleep(max(self._last[key] + self._seconds - self._clock.monotonic(), 0))
            try:
                yield
            finally:
                self._last[key] = self._clock.monotonic()

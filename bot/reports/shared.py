"""One look at the fleet for all reports that are due together; never for anything that decides."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bot.api.fleet import Fleet
from bot.clock import Clock
from bot.domain import Backup, Cluster, Listing, PostgresVersion

SECONDS = 60.0
"""How old what a report shows may be when it is made: the burst of one minute looks once."""

T = TypeVar("T")


class SharedFleet(Fleet):
    """The fleet for the scheduler. Rights are judged by each report on what it gets."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        # The same contracts and connections, whose life is the fleet's own affair.
        self.__dict__.update(vars(fleet))
        self._time = clock
        self._shared: dict[str, tuple[float, Listing[Any]]] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def sightings(self) -> Listing[Cluster]:
        """As `Fleet.sightings`; `clusters` comes from it."""
        return await self._once("sightings", super().sightings)

    async def all_backups(self) -> Listing[Backup]:
        """As `Fleet.all_backups`."""
        return await self._once("backups", super().all_backups)

    async def versions(self) -> Listing[PostgresVersion]:
        """As `Fleet.versions`."""
        return await self._once("versions", super().versions)

    async def _once(self, key: str, ask: Callable[[], Awaitable[Listing[T]]]) -> Listing[T]:
        async with self._turns.setdefault(key, asyncio.Lock()):
            at, found = self._shared.get(key, (float("-inf"), None))
            if found is None or self._time.monotonic() - at > SECONDS:
                found = await ask()
                # What had gaps is not passed on: the next report may get a whole answer.
                if not found.gaps:
                    self._shared[key] = (self._time.monotonic(), found)
            return found

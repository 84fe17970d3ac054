"""One look at the fleet for all reports that are due together; never for anything that decides."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.domain.cluster import Backup, BackupLocation, Cluster, Database, DbUser, Listing, PostgresVersion
from bot.ionos.fleet import Fleet
from bot.runtime.clock import Clock

SECONDS = 60.0
"""How old what a report shows may be when it is made: the burst of one minute looks once."""

T = TypeVar("T")


@dataclass(slots=True)
class _Reading:
    """What was found, and when; whoever has the turn asks, and the others wait for it."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    at: float = float("-inf")
    found: Listing[Any] | None = None


class SharedFleet(Fleet):
    """The fleet for the scheduler. Rights are judged by each report on what it gets.

    An answer with gaps is shared like any other: a hundred reports must not each wait for a silent region.
    """

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        # The same contracts and connections, whose life is the fleet's own affair.
        self.__dict__.update(vars(fleet))
        self._time = clock
        self._readings: dict[str, _Reading] = {}
        self._cleared = clock.monotonic()

    async def sightings(self) -> Listing[Cluster]:
        """As `Fleet.sightings`; `clusters` comes from it."""
        return await self._once("sightings", super().sightings)

    async def all_backups(self) -> Listing[Backup]:
        """As `Fleet.all_backups`."""
        return await self._once("backups", super().all_backups)

    async def versions(self) -> Listing[PostgresVersion]:
        """As `Fleet.versions`."""
        return await self._once("versions", super().versions)

    async def backup_locations(self) -> Listing[BackupLocation]:
        """As `Fleet.backup_locations`."""
        return await self._once("backup locations", super().backup_locations)

    async def users(self, cluster: Cluster, *, system: bool = False) -> Listing[DbUser]:
        """As `Fleet.users`."""
        ask = super().users
        return await self._once(f"users {cluster.id} {system}", lambda: ask(cluster, system=system))

    async def databases(self, cluster: Cluster) -> Listing[Database]:
        """As `Fleet.databases`."""
        ask = super().databases
        return await self._once(f"databases {cluster.id}", lambda: ask(cluster))

    async def _once(self, key: str, ask: Callable[[], Awaitable[Listing[T]]]) -> Listing[T]:
        self._clear()
        reading = self._readings.setdefault(key, _Reading())
        async with reading.turn:
            if reading.found is None or self._time.monotonic() - reading.at > SECONDS:
                reading.found = await ask()
                reading.at = self._time.monotonic()
            return reading.found

    def _clear(self) -> None:
        """Forget what is too old to be shown, now and then: there are two for each cluster."""
        now = self._time.monotonic()
        if now - self._cleared > SECONDS:
            self._cleared = now
            kept = {
                key: each
                for key, each in self._readings.items()
                if each.turn.locked() or now - each.at <= SECONDS
            }
            self._readings = kept

"""What was listed a while ago, kept for the person who asked: looking at it again asks no cloud."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from bot.commands.declaration import Effect
from bot.commands.parser import Parsed
from bot.domain.cluster import (
    Backup,
    BackupLocation,
    Cluster,
    Database,
    DbUser,
    Invocation,
    Listing,
    Origin,
    PostgresVersion,
)
from bot.domain.errors import StoreError
from bot.domain.reply import Note
from bot.domain.reply_text import words
from bot.domain.times import ago
from bot.ionos.fleet import Fleet
from bot.runtime.clock import Clock

log = structlog.get_logger()

KEPT = timedelta(minutes=10)
"""How long a listing is shown again; after that the same command looks afresh."""

LARGEST = 4 << 20
"""Bytes, compressed, of what is kept for one answer; a larger one is read again."""

T = TypeVar("T")


class ListingStore(Protocol):
    """Where listings are kept, for every process of the bot alike."""

    async def put(self, key: str, person: str, at: datetime, content: bytes, forget: datetime) -> None: ...

    async def get(self, key: str, person: str, since: datetime) -> tuple[datetime, bytes] | None: ...


@dataclass(frozen=True, slots=True)
class Readings:
    """What the cloud answered to one command: listings by what was asked for. `at` is when.

    `key` is the id under which they are kept already, empty for what is new.
    """

    at: datetime
    found: dict[str, Listing[Any]] = field(default_factory=dict)
    key: str = ""


_KINDS: dict[str, TypeAdapter[Listing[Any]]] = {
    "sightings": TypeAdapter(Listing[Cluster]),
    "backups": TypeAdapter(Listing[Backup]),
    "users": TypeAdapter(Listing[DbUser]),
    "databases": TypeAdapter(Listing[Database]),
    "versions": TypeAdapter(Listing[PostgresVersion]),
    "locations": TypeAdapter(Listing[BackupLocation]),
}
_CONTENT = TypeAdapter(dict[str, str])


class KeptFleet(Fleet):
    """The fleet for one command: a listing that is in `readings` is not asked for, any other is put there.

    Rights are judged anew on what is kept, so it shows nobody more than a fresh look would. The lines of a
    database's log are read every time: nobody knows what is in them, so they are not put on the bot's disk.
    """

    def __init__(self, fleet: Fleet, readings: Readings) -> None:
        # The same contracts and connections, whose life is the fleet's own affair.
        self.__dict__.update(vars(fleet))
        self.readings = readings

    async def sightings(self) -> Listing[Cluster]:
        """As `Fleet.sightings`, of which `Fleet.clusters` is made."""
        return await self._once("sightings", super().sightings)

    async def all_backups(self) -> Listing[Backup]:
        """As `Fleet.all_backups`."""
        return await self._once("backups", super().all_backups)

    async def backups(self, cluster: Cluster) -> Listing[Backup]:
        """As `Fleet.backups`."""
        ask = super().backups
        return await self._once(f"backups {cluster.id}", lambda: ask(cluster))

    async def users(self, cluster: Cluster, *, system: bool = False) -> Listing[DbUser]:
        """As `Fleet.users`."""
        ask = super().users
        return await self._once(f"users {cluster.id} {system}", lambda: ask(cluster, system=system))

    async def user(self, cluster: Cluster, name: str) -> DbUser:
        """As `Fleet.user`."""
        ask = super().user

        async def alone() -> Listing[DbUser]:
            return Listing((await ask(cluster, name),))

        return (await self._once(f"users {cluster.id} named {name}", alone)).items[0]

    async def databases(self, cluster: Cluster) -> Listing[Database]:
        """As `Fleet.databases`."""
        ask = super().databases
        return await self._once(f"databases {cluster.id}", lambda: ask(cluster))

    async def versions(self) -> Listing[PostgresVersion]:
        """As `Fleet.versions`."""
        return await self._once("versions", super().versions)

    async def backup_locations(self) -> Listing[BackupLocation]:
        """As `Fleet.backup_locations`."""
        return await self._once("locations", super().backup_locations)

    async def _once(self, key: str, ask: Callable[[], Awaitable[Listing[T]]]) -> Listing[T]:
        if key not in self.readings.found:
            self.readings.found[key] = await ask()
        return self.readings.found[key]


class Listings:
    """Keeps what was read for an answer under an id, for the person who asked and nobody else."""

    def __init__(self, store: ListingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def begin(self, parsed: Parsed, invocation: Invocation) -> Readings | None:
        """Where this command's listings are looked for and put. Raises StoreError.

        None for a change, which looks at the cloud as it is, and outside Slack, where nothing is pressed.
        """
        if parsed.command.effect is not Effect.READ or invocation.actor.origin is not Origin.SLACK:
            return None
        wanted = parsed.manner.kept
        found = await self.find(wanted, invocation.actor.member) if wanted else None
        return found or Readings(self._clock.now())

    async def end(self, readings: Readings | None, invocation: Invocation) -> tuple[str, tuple[Note, ...]]:
        """The id under which the answer can be looked at again, or an empty one, and what its age is."""
        if readings is None or not readings.found:
            return "", ()
        if readings.key:
            age = ago(readings.at, self._clock.now())
            return readings.key, (Note(f"As the cloud answered {age}, at {words(readings.at)}."),)
        kept = await self.keep(invocation.trace, invocation.actor.member, readings)
        return (invocation.trace if kept else ""), ()

    async def keep(self, key: str, person: str, readings: Readings) -> bool:
        """Whether it is kept now. Never raises: an answer without it is only slower to look at again."""
        content = await asyncio.to_thread(_packed, readings)
        if len(content) > LARGEST:
            return False
        try:
            await self._store.put(key, person, readings.at, content, self._clock.now() - KEPT)
        except StoreError as error:
            log.warning("listing not kept", error=str(error))
            return False
        return True

    async def find(self, key: str, person: str) -> Readings | None:
        """What was kept, unless it is too old, somebody else's, or of another release. Raises StoreError."""
        found = await self._store.get(key, person, self._clock.now() - KEPT)
        if found is None:
            return None
        try:
            return await asyncio.to_thread(_unpacked, key, *found)
        except (KeyError, ValidationError, zlib.error):
            log.warning("kept listing not understood")
            return None


def _packed(readings: Readings) -> bytes:
    texts = {key: _kind(key).dump_json(value).decode() for key, value in readings.found.items()}
    return zlib.compress(_CONTENT.dump_json(texts))


def _unpacked(key: str, at: datetime, content: bytes) -> Readings:
    texts = _CONTENT.validate_json(zlib.decompress(content))
    return Readings(at, {name: _kind(name).validate_json(value) for name, value in texts.items()}, key)


def _kind(key: str) -> TypeAdapter[Listing[Any]]:
    return _KINDS[key.partition(" ")[0]]

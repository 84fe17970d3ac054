"""What was listed a while ago, kept for the person who asked: looking at it again asks no cloud."""

import asyncio
import zlib
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError

from bot.commands.listing_cache_store import ListingCacheRows
from bot.commands.parser import ParsedCommand
from bot.domain.cluster import (
    Backup,
    BackupLocation,
    Cluster,
    ClusterDatabase,
    DbUser,
    Listing,
    PostgresVersion,
)
from bot.domain.command_info import CommandEffect
from bot.domain.errors import StoreError
from bot.domain.reply import Note
from bot.domain.reply_text import words
from bot.domain.request import Invocation, Origin
from bot.domain.times import ago
from bot.ionos.read_cache import CommandCache
from bot.runtime.clock import Clock

log = structlog.get_logger()

KEPT = timedelta(minutes=10)
"""How long a listing is shown again; after that the same command looks afresh."""

LARGEST = 4 << 20
"""Bytes, compressed, of what is kept for one answer; a larger one is read again."""


_KINDS: dict[str, TypeAdapter[Listing[Any]]] = {
    "sightings": TypeAdapter(Listing[Cluster]),
    "backups": TypeAdapter(Listing[Backup]),
    "users": TypeAdapter(Listing[DbUser]),
    "databases": TypeAdapter(Listing[ClusterDatabase]),
    "versions": TypeAdapter(Listing[PostgresVersion]),
    "locations": TypeAdapter(Listing[BackupLocation]),
}
_CONTENT = TypeAdapter(dict[str, str])


class ListingCache:
    """Keeps what was read for an answer under an id, for the person who asked and nobody else."""

    def __init__(self, store: ListingCacheRows, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def begin(self, parsed: ParsedCommand, invocation: Invocation) -> CommandCache | None:
        """Where this command's listings are looked for and put. Raises StoreError.

        None for a change, which looks at the cloud as it is, and outside Slack, where nothing is pressed.
        """
        if parsed.command.effect is not CommandEffect.READ or invocation.actor.origin is not Origin.SLACK:
            return None
        wanted = parsed.manner.kept
        found = await self.find(wanted, invocation.actor.member) if wanted else None
        return found or CommandCache(self._clock.now())

    async def end(self, cache: CommandCache | None, invocation: Invocation) -> tuple[str, tuple[Note, ...]]:
        """The id under which the answer can be looked at again, or an empty one, and what its age is."""
        if cache is None or not cache.found:
            return "", ()
        if cache.key:
            age = ago(cache.at, self._clock.now())
            return cache.key, (Note(f"As the cloud answered {age}, at {words(cache.at)}."),)
        kept = await self.keep(invocation.trace, invocation.actor.member, cache)
        return (invocation.trace if kept else ""), ()

    async def keep(self, key: str, person: str, cache: CommandCache) -> bool:
        """Whether it is kept now. Never raises: an answer without it is only slower to look at again."""
        content = await asyncio.to_thread(_packed, cache)
        if len(content) > LARGEST:
            return False
        try:
            await self._store.put(key, person, cache.at, content, self._clock.now() - KEPT)
        except StoreError as error:
            log.warning("listing not kept", error=str(error))
            return False
        return True

    async def find(self, key: str, person: str) -> CommandCache | None:
        """What was kept, unless it is too old, somebody else's, or of another release. Raises StoreError."""
        found = await self._store.get(key, person, self._clock.now() - KEPT)
        if found is None:
            return None
        try:
            return await asyncio.to_thread(_unpacked, key, *found)
        except (KeyError, ValidationError, zlib.error):
            log.warning("kept listing not understood")
            return None


def _packed(cache: CommandCache) -> bytes:
    texts = {key: _kind(key).dump_json(value).decode() for key, value in cache.found.items()}
    return zlib.compress(_CONTENT.dump_json(texts))


def _unpacked(key: str, at: datetime, content: bytes) -> CommandCache:
    texts = _CONTENT.validate_json(zlib.decompress(content))
    return CommandCache(at, {name: _kind(name).validate_json(value) for name, value in texts.items()}, key)


def _kind(key: str) -> TypeAdapter[Listing[Any]]:
    return _KINDS[key.partition(" ")[0]]

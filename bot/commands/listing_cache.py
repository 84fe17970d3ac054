"""Listings cached for the person who asked: reading them again calls no cloud."""

import asyncio
import hashlib
import zlib
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

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
from bot.domain.request import Invocation, Origin
from bot.domain.stored_values import adapter_of
from bot.domain.times import format_ago
from bot.ionos.read_cache import CommandCache
from bot.runtime.checked_clock import TOLERANCE
from bot.runtime.clock import Clock
from bot.runtime.database.columns import text_to_time, time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, upsert
from bot.runtime.logger import get_logger

log = get_logger()

KEEP_FOR = timedelta(minutes=10)
"""How long a listing is shown again; after that the same command reads afresh."""

_READ_AGAIN = Note(
    "This list was read again, because the earlier one has expired. "
    "Start from the first page if rows seem to be missing."
)

MAX_BYTES = 4 << 20
"""Most bytes, compressed, to cache for one answer; a larger one is read again."""


_KINDS: dict[str, type[Listing[Any]]] = {
    "sightings": Listing[Cluster],
    "backups": Listing[Backup],
    "users": Listing[DbUser],
    "databases": Listing[ClusterDatabase],
    "versions": Listing[PostgresVersion],
    "locations": Listing[BackupLocation],
}
_ACCOUNTS = "accounts"
_KEY = ("key", "person")
_NOBODY = ""


class ListingCache:
    """Keeps what was read for an answer under an id, for the person who asked and nobody else.

    Many people may ask for the same listing. Its content is one row, which belongs to nobody, and theirs name
    its digest. `accounts` is a digest of the accounts that are asked: what others answered is not shown
    again.
    """

    def __init__(self, database: SqliteDatabase, clock: Clock, accounts: str) -> None:
        self._database = database
        self._clock = clock
        self._accounts = accounts
        self._packing = asyncio.Lock()
        self._last: tuple[dict[str, Listing[Any]], bytes] = ({}, b"")

    async def open_cache(self, parsed: ParsedCommand, invocation: Invocation) -> CommandCache | None:
        """Return the cache for this command's listings. Raises StoreError.

        None for a change, which reads the cloud as it is, and outside Slack, where nothing is pressed.
        """
        if parsed.command.effect is not CommandEffect.READ or invocation.actor.origin is not Origin.SLACK:
            return None
        requested = parsed.flags.kept
        found = await self._load(requested, invocation.actor.member) if requested else None
        return found or CommandCache(self._clock.now())

    async def close_cache(
        self, cache: CommandCache | None, parsed: ParsedCommand, invocation: Invocation
    ) -> tuple[str, tuple[Note, ...]]:
        """Return the id under which the answer can be read again, or an empty one, and a note of its age, or
        that it is not the listing that was asked for."""
        if cache is None or not cache.found:
            return "", ()
        if cache.key:
            age = format_ago(cache.at, self._clock.now())
            return cache.key, (Note(f"The cloud was read {age}."),)
        kept = await self._store(invocation.trace, invocation.actor.member, cache)
        return (invocation.trace if kept else ""), (_READ_AGAIN,) if parsed.flags.kept else ()

    async def _store(self, key: str, person: str, cache: CommandCache) -> bool:
        """Cache a command's listings, and delete old ones; False when they were not. Never raises: without it
        the next read is only slower."""
        content = await self._packed(cache)
        if len(content) > MAX_BYTES:
            return False
        digest, when = hashlib.sha256(content).hexdigest(), time_to_text(cache.at)
        forget = time_to_text(self._clock.now() - KEEP_FOR)
        row = {"key": key, "person": person, "at": when, "content": digest.encode()}
        shared = {"key": digest, "person": _NOBODY, "at": when, "content": content}

        def work(db: Transaction) -> None:
            db.execute("DELETE FROM listings WHERE at < ?", [forget])
            known = "UPDATE listings SET at = max(at, ?) WHERE key = ? AND person = ?"
            if not db.execute(known, [when, digest, _NOBODY]).rowcount:
                upsert(db, "listings", shared, key=_KEY)
            upsert(db, "listings", row, key=_KEY)

        try:
            await self._database.write(work)
        except StoreError as error:
            log.warning("listing not kept", error=str(error))
            return False
        return True

    async def _packed(self, cache: CommandCache) -> bytes:
        """Return the packed listings; of those that several people share, one packs them for all."""
        async with self._packing:
            last, content = self._last
            if last.keys() != cache.found.keys() or any(last[key] is not cache.found[key] for key in last):
                content = await asyncio.to_thread(_pack, cache, self._accounts)
                self._last = dict(cache.found), content
            return content

    async def _load(self, key: str, person: str) -> CommandCache | None:
        """Return cached listings, unless they are too old, another person's, of another release or of other
        accounts. Raises StoreError."""
        now = self._clock.now()
        query = (
            "SELECT own.at, shared.content FROM listings AS own JOIN listings AS shared"
            " ON shared.key = CAST(own.content AS TEXT) AND shared.person = ?"
            " WHERE own.key = ? AND own.person = ? AND own.person <> ? AND own.at >= ?"
        )
        values = [_NOBODY, key, person, _NOBODY, time_to_text(now - KEEP_FOR)]
        row = await self._database.read(lambda db: db.execute(query, values).fetchone())
        if row is None or (at := text_to_time(row[0])) > now + timedelta(seconds=TOLERANCE):
            return None
        try:
            return await asyncio.to_thread(_unpack, key, self._accounts, at, row[1])
        except (KeyError, ValidationError, zlib.error):
            log.warning("kept listing not understood")
            return None


def _pack(cache: CommandCache, accounts: str) -> bytes:
    texts = {key: _adapter(key).dump_json(value).decode() for key, value in cache.found.items()}
    texts[_ACCOUNTS] = accounts
    return zlib.compress(adapter_of(dict[str, str]).dump_json(texts))


def _unpack(key: str, accounts: str, at: datetime, content: bytes) -> CommandCache | None:
    texts = adapter_of(dict[str, str]).validate_json(zlib.decompress(content))
    if texts.pop(_ACCOUNTS, "") != accounts:
        return None
    return CommandCache(at, {name: _adapter(name).validate_json(value) for name, value in texts.items()}, key)


def _adapter(key: str) -> TypeAdapter[Listing[Any]]:
    return adapter_of(_KINDS[key.partition(" ")[0]])

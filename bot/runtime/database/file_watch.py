"""The watch over the bot's two database files: both take a row and give it back, and no page is damaged."""

import asyncio
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.errors import StoreError
from bot.domain.phrases import join_names
from bot.runtime.clock import Clock
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import (
    SqlError,
    Transaction,
    find_damaged_tables,
    open_for_reading,
    open_for_writing,
    read_newest_rows,
    upsert,
)
from bot.runtime.health_page import Health
from bot.runtime.logger import get_logger

log = get_logger()

PAGES_SECONDS = 600.0
"""Seconds from one look at every page to the next. It takes a third of a second for 100 MB."""

BUSY_SECONDS = 1.0
"""Seconds that a probe waits for a step of the engine: less than a check may take."""

_PROBE = "CREATE TABLE IF NOT EXISTS pgbot_probe (id INTEGER PRIMARY KEY, at TEXT NOT NULL)"


@dataclass(slots=True)
class FileWatch:
    """Checks of `pgbot.db` and of the engine's file for `/readyz`, and a loop that reads all their pages."""

    database: SqliteDatabase
    engine: Path
    clock: Clock
    _damaged: dict[str, list[str]] = field(default_factory=dict)
    """The tables with damaged pages, by the file's name."""

    async def run(self) -> None:
        """Look at every page now and then, for ever."""
        while True:
            await self.look()
            await self.clock.sleep(PAGES_SECONDS)

    async def look(self) -> None:
        for path in (self.database.path, self.engine):
            try:
                found = await asyncio.to_thread(_find_damage, path)
            except SqlError as error:
                log.warning("database file not looked at", file=path.name, error=str(error))
                continue
            self._damaged[path.name] = found
            if found:
                log.error("database file damaged", file=path.name, tables=found)

    async def check_database(self) -> Health:
        """Write a row to pgbot.db, read it and the newest rows of every table."""
        at = time_to_text(self.clock.now())
        try:
            await self.database.write(lambda db: _write_probe(db, at))
            bad = await self.database.read(lambda db: _read_back(db, at))
        except StoreError as error:
            log.warning("the store takes no write", error=str(error))
            return Health("The database takes no row: see the bot's log.")
        return self._describe(self.database.path, bad or self.database.damage)

    async def check_engine(self) -> Health:
        """Do the same with the engine's file, on a connection of its own."""
        at = time_to_text(self.clock.now())
        if not self.engine.is_file():
            return Health(f"{self.engine.name} is not there.")
        try:
            bad = await asyncio.to_thread(_probe_file, self.engine, at)
        except SqlError as error:
            log.warning("the engine's file takes no write", error=str(error))
            return Health(f"{self.engine.name} takes no row: see the bot's log.")
        return self._describe(self.engine, bad)

    def _describe(self, path: Path, bad: str) -> Health:
        tables = join_names(self._damaged.get(path.name, [])) or bad
        if not tables:
            return Health()
        return Health(f"{path.name} is damaged ({tables}): restore a backup with “pgbot data restore”.")


def _write_probe(db: Transaction, at: str) -> None:
    db.execute(_PROBE)
    upsert(db, "pgbot_probe", {"id": 1, "at": at}, key=("id",))


def _read_back(db: Transaction, at: str) -> str:
    """Return the first table that cannot be read; empty for none. Raises StoreError, and SqlError."""
    row = db.execute("SELECT at FROM pgbot_probe").fetchone()
    if row is None or row[0] < at:
        raise StoreError("A row that was written is not there.", "Check the disk.")
    return read_newest_rows(db)


def _probe_file(path: Path, at: str) -> str:
    with closing(open_for_writing(path, BUSY_SECONDS)) as db:
        _write_probe(db, at)
        return read_newest_rows(db)


def _find_damage(path: Path) -> list[str]:
    """Return the tables with damaged pages, as a new connection finds them on the disk. Raises SqlError."""
    with closing(open_for_reading(path)) as db:
        return find_damaged_tables(db)

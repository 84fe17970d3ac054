"""Kept listings as rows: one for each answer that can be looked at again."""

from datetime import datetime

from sqlite_utils import Database as Sqlite

from bot.runtime.database.columns import moment, text
from bot.runtime.database.database import SqliteDatabase


class ListingCacheRows:
    """Kept listings, in SQLite. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def put(self, key: str, person: str, at: datetime, content: bytes, forget: datetime) -> None:
        """Keep one, and drop those from before `forget`."""

        def write(db: Sqlite) -> None:
            db.execute("DELETE FROM listings WHERE at < ?", [text(forget)])
            db.execute(
                "INSERT OR REPLACE INTO listings VALUES (?, ?, ?, ?)", [key, person, text(at), content]
            )

        await self._database.write(write)

    async def get(self, key: str, person: str, since: datetime) -> tuple[datetime, bytes] | None:
        """This person's listing, if it is from `since` or later."""

        def read(db: Sqlite) -> tuple[datetime, bytes] | None:
            row = db.execute(
                "SELECT at, content FROM listings WHERE key = ? AND person = ? AND at >= ?",
                [key, person, text(since)],
            ).fetchone()
            return (moment(row[0]), row[1]) if row else None

        return await self._database.read(read)

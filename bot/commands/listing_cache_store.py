"""Rows of kept listings: one for each answer that can be shown again."""

from datetime import datetime

from bot.runtime.database.columns import text_to_time, time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, upsert


class ListingCacheRows:
    """Store of listings, for every process of the bot. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def put(self, key: str, person: str, at: datetime, content: bytes, forget: datetime) -> None:
        """Keep a listing, and delete those from before `forget`."""
        row = {"key": key, "person": person, "at": time_to_text(at), "content": content}

        def work(db: Transaction) -> None:
            db.execute("DELETE FROM listings WHERE at < ?", [time_to_text(forget)])
            upsert(db, "listings", row, key=("key", "person"))

        await self._database.write(work)

    async def get(self, key: str, person: str, since: datetime) -> tuple[datetime, bytes] | None:
        """Return this person's listing with its time, if it is from `since` or later."""
        query = "SELECT at, content FROM listings WHERE key = ? AND person = ? AND at >= ?"
        values = [key, person, time_to_text(since)]
        row = await self._database.read(lambda db: db.execute(query, values).fetchone())
        return (text_to_time(row[0]), row[1]) if row else None

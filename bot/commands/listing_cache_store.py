"""Rows of kept listings: one for each answer that can be shown again."""

import hashlib
from datetime import datetime

from bot.runtime.database.columns import text_to_time, time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, upsert

_KEY = ("key", "person")
_NOBODY = ""


class ListingCacheRows:
    """Store of listings, for every process of the bot. All methods raise StoreError.

    Many people may ask for the same listing. Its content is one row, which belongs to nobody, and theirs name
    its digest.
    """

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def put(self, key: str, person: str, at: datetime, content: bytes, forget: datetime) -> None:
        """Keep a listing, and delete those from before `forget`."""
        digest, when = hashlib.sha256(content).hexdigest(), time_to_text(at)
        row = {"key": key, "person": person, "at": when, "content": digest.encode()}
        shared = {"key": digest, "person": _NOBODY, "at": when, "content": content}

        def work(db: Transaction) -> None:
            db.execute("DELETE FROM listings WHERE at < ?", [time_to_text(forget)])
            known = "UPDATE listings SET at = max(at, ?) WHERE key = ? AND person = ?"
            if not db.execute(known, [when, digest, _NOBODY]).rowcount:
                upsert(db, "listings", shared, key=_KEY)
            upsert(db, "listings", row, key=_KEY)

        await self._database.write(work)

    async def get(self, key: str, person: str, since: datetime) -> tuple[datetime, bytes] | None:
        """Return this person's listing with its time, if it is from `since` or later."""
        query = (
            "SELECT own.at, shared.content FROM listings AS own JOIN listings AS shared"
            " ON shared.key = CAST(own.content AS TEXT) AND shared.person = ?"
            " WHERE own.key = ? AND own.person = ? AND own.person <> ? AND own.at >= ?"
        )
        values = [_NOBODY, key, person, _NOBODY, time_to_text(since)]
        row = await self._database.read(lambda db: db.execute(query, values).fetchone())
        return (text_to_time(row[0]), row[1]) if row else None

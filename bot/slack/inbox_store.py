"""Rows of the inbox: one for each delivery, kept long enough to recognise a second one."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, insert_new


class InboxRows:
    """Store of deliveries. Writes are on disk when they return; all methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def add(self, row: dict[str, str], at: datetime) -> bool:
        """Store a delivery; return False if its key is there already."""
        values = {**row, "received_at": time_to_text(at)}
        return await self._database.write(lambda db: insert_new(db, "inbox", values))

    async def answer(self, key: str, at: datetime) -> None:
        """Note that the person has an answer, and forget what they typed."""
        statement = "UPDATE inbox SET answered_at = ?, text = '' WHERE key = ?"
        await self._database.write(lambda db: db.execute(statement, [time_to_text(at), key]))

    async def unanswered(self) -> list[dict[str, Any]]:
        """Return the deliveries without an answer, oldest first, each with its rows of the audit log.

        `began` and `ended` are the outcomes of its first and last audit row, or None; `command` is that of
        the first row, and so is `team` in what an earlier release took in.
        """
        query = """
            SELECT key, inbox.trace, inbox.actor, inbox.channel, inbox.text, stalled_at,
                coalesce(nullif(inbox.team, ''), first.team) AS team,
                first.outcome AS began, first.command, last.outcome AS ended
            FROM inbox
            LEFT JOIN audit AS first ON first.seq =
                (SELECT min(seq) FROM audit WHERE trace = inbox.trace AND kind = 'invocation')
            LEFT JOIN audit AS last ON last.seq =
                (SELECT max(seq) FROM audit WHERE trace = inbox.trace AND kind = 'outcome')
            WHERE answered_at IS NULL ORDER BY received_at
        """
        return await self._database.read(lambda db: list(db.query(query)))

    async def mark_stalled(self, keys: Collection[str], at: datetime) -> None:
        """Note that the bot stood still while it worked on these deliveries, and was ended."""
        marks = ", ".join("?" * len(keys))
        statement = f"UPDATE inbox SET stalled_at = ? WHERE key IN ({marks}) AND stalled_at IS NULL"
        await self._database.write(lambda db: db.execute(statement, [time_to_text(at), *keys]))

    async def forget(self, before: datetime, after: datetime) -> int:
        """Delete answered deliveries from before a time, and from after one; return how many."""
        statement = "DELETE FROM inbox WHERE answered_at IS NOT NULL AND (received_at < ? OR received_at > ?)"

        def work(db: Transaction) -> int:
            return int(db.execute(statement, [time_to_text(before), time_to_text(after)]).rowcount)

        return await self._database.write(work)

"""The inbox's rows: one for each delivery, kept long enough to recognise a second one."""

from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.runtime.database.database import SqliteDatabase


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


class InboxRows:
    """The inbox in SQLite; see `bot.slack.inbox` for what it is for."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def add(self, row: dict[str, str], at: datetime) -> bool:
        """Store a delivery; False if its key is there already. Durable when it returns."""
        values = {**row, "received_at": _stamp(at)}

        def insert(db: Sqlite) -> bool:
            cursor = db.execute(
                "INSERT INTO inbox (key, trace, received_at, actor, channel, text)"
                " VALUES (:key, :trace, :received_at, :actor, :channel, :text) ON CONFLICT DO NOTHING",
                values,
            )
            return bool(cursor.rowcount)

        return await self._database.write(insert)

    async def answer(self, key: str, at: datetime) -> None:
        """Note that the person has an answer, and forget what they typed."""

        def update(db: Sqlite) -> None:
            db.execute("UPDATE inbox SET answered_at = ?, text = '' WHERE key = ?", [_stamp(at), key])

        await self._database.write(update)

    async def unanswered(self) -> list[dict[str, Any]]:
        """Deliveries that nobody has answered, oldest first, each with what the audit says became of it.

        `began` and `ended` are the outcomes of its first and its last row there, None where there is none;
        `team` and `command` are as that first row has them.
        """

        def select(db: Sqlite) -> list[dict[str, Any]]:
            return list(
                db.query(
                    "SELECT inbox.*, first.outcome AS began, first.team, first.command, last.outcome AS ended"
                    " FROM inbox"
                    " LEFT JOIN audit AS first ON first.seq ="
                    " (SELECT min(seq) FROM audit WHERE trace = inbox.trace AND kind = 'invocation')"
                    " LEFT JOIN audit AS last ON last.seq ="
                    " (SELECT max(seq) FROM audit WHERE trace = inbox.trace AND kind = 'outcome')"
                    " WHERE answered_at IS NULL ORDER BY received_at"
                )
            )

        return await self._database.read(select)

    async def probe(self, at: datetime) -> None:
        """Write a row that is no delivery, always the same one. Raises StoreError if writing is no use."""

        def replace(db: Sqlite) -> None:
            db.execute(
                "INSERT OR REPLACE INTO inbox (key, trace, received_at, answered_at, actor, channel, text)"
                " VALUES ('probe', '', :at, :at, '', '', '')",
                {"at": _stamp(at)},
            )

        await self._database.write(replace)

    async def forget(self, before: datetime) -> int:
        """Drop answered deliveries from before then; returns how many."""

        def delete(db: Sqlite) -> int:
            cursor = db.execute(
                "DELETE FROM inbox WHERE answered_at IS NOT NULL AND received_at < ?", [_stamp(before)]
            )
            return int(cursor.rowcount)

        return await self._database.write(delete)

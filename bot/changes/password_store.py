"""People's public keys, and passwords that wait, encrypted, to be handed over."""

from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.audit.entry import AuditEntry
from bot.audit.log import AuditLog
from bot.changes.password_delivery import EncryptedPassword, PendingPassword
from bot.changes.rows import put_milestone, requester
from bot.runtime.database.database import SqliteDatabase


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


class PasswordRows:
    """Public keys and passwords to deliver, in SQLite. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def key(self, person: str) -> str | None:
        """The key that somebody has set."""

        def select(db: Sqlite) -> str | None:
            row = db.execute("SELECT key FROM people_keys WHERE person = ?", [person]).fetchone()
            return None if row is None else str(row[0])

        return await self._database.read(select)

    async def put_key(self, person: str, key: str, at: datetime) -> None:
        """Take this one from now on."""
        await self._database.write(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO people_keys (person, key, set_at) VALUES (?, ?, ?)",
                [person, key, _stamp(at)],
            )
        )

    async def remove_key(self, person: str) -> bool:
        """Whether there was one."""
        return await self._database.write(
            lambda db: bool(db.execute("DELETE FROM people_keys WHERE person = ?", [person]).rowcount)
        )

    async def keep(self, kept: EncryptedPassword) -> None:
        """One for each change; a second one of the same change is refused."""
        row = (kept.change, kept.person, kept.user, kept.place, kept.shown, kept.blob, _stamp(kept.at))
        await self._database.write(
            lambda db: db.execute(
                "INSERT INTO handovers (change_id, person, username, place, shown, blob, kept_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        )

    async def due(self, now: datetime, limit: int = 20) -> list[PendingPassword]:
        """What the cloud has taken and nobody has been given yet, where the next try is due."""
        return await self._select(
            "blob IS NOT NULL AND (next_at IS NULL OR next_at <= ?) AND"
            " (due_at IS NOT NULL OR state IN ('done', 'accepted but not in effect'))"
            " ORDER BY kept_at LIMIT ?",
            [_stamp(now), limit],
        )

    async def useless(self, limit: int = 20) -> list[PendingPassword]:
        """What belongs to changes that are over, and that the cloud never took."""
        return await self._select(
            "blob IS NOT NULL AND due_at IS NULL AND"
            " state NOT IN ('running', 'unknown', 'done', 'accepted but not in effect') LIMIT ?",
            [limit],
        )

    async def later(self, waiting: PendingPassword, at: datetime, now: datetime, words: str) -> None:
        """Try again then. The first time that it failed, the change's thread is told so in `words`."""

        def work(db: Sqlite) -> None:
            db.execute(
                "UPDATE handovers SET tries = tries + 1, next_at = ? WHERE change_id = ?",
                [_stamp(at), waiting.change],
            )
            if waiting.tries == 0:
                put_milestone(db, waiting.change, now, words, ())

        await self._database.write(work)

    async def over(self, waiting: PendingPassword, at: datetime, entry: AuditEntry, words: str) -> None:
        """Handed over, or of no use: what was kept is forgotten, and the audit has a row of it."""
        add = self._audit.adding(entry)

        def work(db: Sqlite) -> None:
            db.execute(
                "UPDATE handovers SET blob = NULL, ended_at = ?, outcome = ? WHERE change_id = ?",
                [_stamp(at), entry.outcome, waiting.change],
            )
            if words:
                put_milestone(db, waiting.change, at, words, ())
            add(db)

        await self._database.write(work)

    async def _select(self, where: str, values: list[Any]) -> list[PendingPassword]:
        query = (
            "SELECT handovers.*, changes.cluster_id, changes.cluster_name, changes.team, changes.command,"  # noqa: S608 - our own conditions
            " changes.requester, changes.requester_name, changes.origin, changes.channel, changes.time_zone,"
            " changes.digest"
            f" FROM handovers JOIN changes ON changes.id = handovers.change_id WHERE {where}"
        )
        return await self._database.read(lambda db: [_waiting(row) for row in db.query(query, values)])


def _waiting(row: dict[str, Any]) -> PendingPassword:
    return PendingPassword(
        change=row["change_id"],
        person=row["person"],
        user=row["username"],
        place=row["place"],
        shown=row["shown"],
        blob=bytes(row["blob"]),
        tries=row["tries"],
        cluster_id=row["cluster_id"],
        cluster=row["cluster_name"],
        team=row["team"],
        actor=requester(row).actor,
        command=row["command"],
        digest=row["digest"],
    )

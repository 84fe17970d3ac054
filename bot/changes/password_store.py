"""Public keys of people, and encrypted passwords that wait to be delivered."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.changes.rows import put_milestone, requester
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, insert, upsert
from bot.settings.password_sinks import PasswordLabel

KEY, SINK = "key", "sink"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedPassword:
    """A password of a change. `place` is KEY or SINK, `shown` the destination in words."""

    change: str
    person: str
    user: str
    place: str
    shown: str
    blob: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPassword(EncryptedPassword):
    """A stored password that is to be delivered or deleted, with facts of its change."""

    tries: int
    cluster: str
    cluster_id: str
    team: str
    actor: str
    command: str
    digest: str

    @property
    def label(self) -> PasswordLabel:
        """The facts that a sink gets with the password."""
        return PasswordLabel(
            change=self.change,
            cluster=self.cluster,
            cluster_id=self.cluster_id,
            user=self.user,
            requester=self.person,
        )


LONGEST_WAIT = timedelta(days=1)
"""Longer than a delivery waits for its next try."""


class PasswordRows:
    """Store of public keys and of passwords to deliver. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def key(self, person: str) -> str | None:
        """Return the key that a person has set."""
        query = "SELECT key FROM people_keys WHERE person = ?"
        row = await self._database.read(lambda db: db.execute(query, [person]).fetchone())
        return None if row is None else str(row[0])

    async def put_key(self, person: str, key: str, at: datetime) -> None:
        """Store a person's key, in place of an earlier one."""
        row = {"person": person, "key": key, "set_at": time_to_text(at)}
        await self._database.write(lambda db: upsert(db, "people_keys", row, key=("person",)))

    async def remove_key(self, person: str) -> bool:
        """Delete a person's key; return whether there was one."""
        return await self._database.write(
            lambda db: bool(db.execute("DELETE FROM people_keys WHERE person = ?", [person]).rowcount)
        )

    async def find_creation(self, cluster_id: str) -> dict[str, Any]:
        """Return the arguments with which the bot made a cluster; empty for one that it did not make."""
        query = "SELECT plan FROM changes WHERE made = ? AND command = 'cluster create' LIMIT 1"
        row = await self._database.read(lambda db: db.execute(query, [cluster_id]).fetchone())
        return {} if row is None else dict(json.loads(row[0])["arguments"])

    async def keep(self, kept: EncryptedPassword, at: datetime) -> None:
        """Store a password, on disk when this returns; a second one of the same change is refused."""
        row = {
            "change_id": kept.change,
            "person": kept.person,
            "username": kept.user,
            "place": kept.place,
            "shown": kept.shown,
            "blob": kept.blob,
            "kept_at": time_to_text(at),
        }
        await self._database.write(lambda db: insert(db, "handovers", row))

    async def due(self, now: datetime, limit: int = 20) -> list[PendingPassword]:
        """Return the passwords that the cloud has accepted and whose next delivery is due."""
        return await self._select(
            "blob IS NOT NULL AND (next_at IS NULL OR next_at <= ?) AND"
            " (due_at IS NOT NULL OR state IN ('done', 'accepted but not in effect'))"
            " ORDER BY kept_at LIMIT ?",
            [time_to_text(now), limit],
        )

    async def repair(self, now: datetime) -> str:
        """Make due what a wrong clock would deliver much later than `now`, which is right; say so."""
        statement = "UPDATE handovers SET next_at = NULL WHERE blob IS NOT NULL AND next_at > ?"
        values = [time_to_text(now + LONGEST_WAIT)]
        changed = await self._database.write(lambda db: db.execute(statement, values).rowcount)
        return "Passwords that waited for a time far away are delivered now." if changed else ""

    async def useless(self, limit: int = 20) -> list[PendingPassword]:
        """Return the passwords of finished changes that the cloud never accepted."""
        return await self._select(
            "blob IS NOT NULL AND due_at IS NULL AND"
            " state NOT IN ('running', 'unknown', 'done', 'accepted but not in effect') LIMIT ?",
            [limit],
        )

    async def later(self, waiting: PendingPassword, at: datetime, now: datetime, words: str) -> None:
        """Deliver again at a later time. After the first failure `words` go to the change's thread."""

        def work(db: Transaction) -> None:
            db.execute(
                "UPDATE handovers SET tries = tries + 1, next_at = ? WHERE change_id = ?",
                [time_to_text(at), waiting.change],
            )
            if waiting.tries == 0:
                put_milestone(db, waiting.change, now, words, ())

        await self._database.write(work)

    async def over(self, waiting: PendingPassword, at: datetime, entry: AuditEntry, words: str) -> None:
        """Delete a password that was delivered or is not needed, and write its audit row."""
        add = self._audit.adding(entry)

        def work(db: Transaction) -> None:
            db.execute(
                "UPDATE handovers SET blob = NULL, ended_at = ?, outcome = ? WHERE change_id = ?",
                [time_to_text(at), entry.outcome, waiting.change],
            )
            if words:
                put_milestone(db, waiting.change, at, words, ())
            add(db)

        await self._database.write(work)

    async def _select(self, where: str, values: list[Any]) -> list[PendingPassword]:
        query = f"""
            SELECT handovers.*, handovers.change_id AS change, username AS user, cluster_id,
                cluster_name AS cluster, team, command, digest, requester, requester_name, origin, channel,
                time_zone
            FROM handovers JOIN changes ON changes.id = handovers.change_id WHERE {where}
        """
        return await self._database.read(lambda db: [_pending(row) for row in db.query(query, values)])


def _pending(row: dict[str, Any]) -> PendingPassword:
    known = {name: row[name] for name in ("change", "person", "user", "place", "shown", "blob", "tries")}
    known |= {name: row[name] for name in ("cluster", "cluster_id", "team", "command", "digest")}
    return PendingPassword(**known, actor=requester(row).actor)

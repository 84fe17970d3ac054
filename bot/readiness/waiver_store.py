"""Waivers in SQLite. One that was replaced or taken back stays, with who did it and when."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.readiness.history import KeptWaiver
from bot.runtime.database.database import SqliteDatabase

_END = "UPDATE waivers SET ended_at = ?, ended_by = ? WHERE rule = ? AND cluster = ? AND ended_at IS NULL"


class WaiverRows:
    """See `bot.readiness.history.Waivers`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def all(self) -> tuple[KeptWaiver, ...]:
        return await self._database.read(
            lambda db: tuple(
                _waiver(row)
                for row in db.query("SELECT * FROM waivers WHERE ended_at IS NULL ORDER BY rule, cluster")
            )
        )

    async def give(self, waiver: KeptWaiver, at: datetime) -> None:
        def work(db: Sqlite) -> None:
            db.execute(_END, [_text(at), waiver.owner, waiver.rule, waiver.cluster])
            db.execute(
                "INSERT INTO waivers (rule, cluster, until, owner, reason, given_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [
                    waiver.rule,
                    waiver.cluster,
                    _text(waiver.until),
                    waiver.owner,
                    waiver.reason,
                    _text(at),
                ],
            )

        await self._database.write(work)

    async def take_back(self, rule: str, cluster: str, by: str, at: datetime) -> KeptWaiver | None:
        def work(db: Sqlite) -> KeptWaiver | None:
            found = next(
                db.query(
                    "SELECT * FROM waivers WHERE rule = ? AND cluster = ? AND ended_at IS NULL",
                    [rule, cluster],
                ),
                None,
            )
            db.execute(_END, [_text(at), by, rule, cluster])
            return None if found is None else _waiver(found)

        return await self._database.write(work)


def _waiver(row: Mapping[str, Any]) -> KeptWaiver:
    return KeptWaiver(
        rule=row["rule"],
        cluster=row["cluster"],
        until=datetime.fromisoformat(row["until"]),
        owner=row["owner"],
        reason=row["reason"],
    )


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")

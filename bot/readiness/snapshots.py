"""Runs of the readiness check in SQLite, and what was new in each."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database as Sqlite

from bot.readiness.history import ClusterVerdict, PreviousRun, ReadinessRun, StoredVerdict
from bot.runtime.database.database import SqliteDatabase

_FIELDS = tuple(each.name for each in fields(ClusterVerdict))
_INSERT = (
    f"INSERT OR REPLACE INTO verdicts (at, since, {', '.join(_FIELDS)})"  # noqa: S608 - our own words
    f" VALUES (?, ?, {', '.join('?' for _ in _FIELDS)})"
)
_NEWEST = (
    "SELECT v.* FROM verdicts AS v JOIN (SELECT cluster_id, max(at) AS at FROM verdicts GROUP BY cluster_id)"
    " USING (cluster_id, at)"
)


class SnapshotRows:
    """See `bot.readiness.history.Snapshots`. A verdict that says what the one before it said makes no row."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def keep(self, run: ReadinessRun, verdicts: Sequence[ClusterVerdict]) -> PreviousRun:
        """One transaction, so that of two runs at once each sees what the other kept, or nothing of it."""

        def work(db: Sqlite) -> PreviousRun:
            last = db.execute("SELECT max(at) FROM runs").fetchone()[0]
            kept = {row["cluster_id"]: _kept(row) for row in db.query(_NEWEST)}
            db.execute(
                "INSERT INTO runs (at, clusters, rules, gaps) VALUES (?, ?, ?, ?)",
                [_text(run.at), run.clusters, run.rules, run.gaps],
            )
            rows = [row for each in verdicts if (row := _news(each, kept.get(each.cluster_id), run.at))]
            db.conn.executemany(_INSERT, rows)
            return PreviousRun(datetime.fromisoformat(last) if last else None, kept)

        return await self._database.write(work)

    async def verdicts(self) -> tuple[StoredVerdict, ...]:
        return await self._database.read(
            lambda db: tuple(_kept(row) for row in db.query("SELECT * FROM verdicts ORDER BY at, cluster_id"))
        )

    async def runs(self) -> tuple[ReadinessRun, ...]:
        return await self._database.read(
            lambda db: tuple(
                ReadinessRun(
                    at=datetime.fromisoformat(row["at"]),
                    clusters=row["clusters"],
                    rules=row["rules"],
                    gaps=row["gaps"],
                )
                for row in db.query("SELECT * FROM runs ORDER BY at, id")
            )
        )


def _news(verdict: ClusterVerdict, before: StoredVerdict | None, at: datetime) -> tuple[Any, ...] | None:
    """The row to add; None where nothing is new, or where a run that began later has been kept already."""
    if before is not None and (before.verdict == verdict or before.at > at):
        return None
    goes_on = before is not None and before.verdict.verdict == verdict.verdict
    since = before.since if before is not None and goes_on else at
    return (_text(at), _text(since), *astuple(verdict))


def _kept(row: Mapping[str, Any]) -> StoredVerdict:
    return StoredVerdict(
        ClusterVerdict(**{name: row[name] for name in _FIELDS}),
        at=datetime.fromisoformat(row["at"]),
        since=datetime.fromisoformat(row["since"]),
    )


def _text(at: datetime) -> str:
    """Of one form, so that comparing text compares times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")

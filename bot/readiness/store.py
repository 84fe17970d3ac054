"""Runs of the readiness check, waivers and sightings in SQLite. All methods raise StoreError."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from bot.domain.cluster import Cluster
from bot.domain.migration_records import (
    Appeared,
    ClusterSighting,
    ClusterVerdict,
    PreviousRun,
    ReadinessRun,
    StoredVerdict,
    Waiver,
)
from bot.domain.stored_values import adapter_of
from bot.runtime.checked_clock import TOLERANCE
from bot.runtime.database.columns import optional_time, text_to_time, time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, execute_many, insert, upsert

T = TypeVar("T")

_VERDICT = tuple(each.name for each in fields(ClusterVerdict))
_NEWEST = (
    "SELECT v.* FROM verdicts AS v JOIN (SELECT cluster_id, max(at) AS at FROM verdicts GROUP BY cluster_id)"
    " AS newest USING (cluster_id, at)"
)
_text = partial(time_to_text, precision="microseconds")
_DATED = ("verdicts", "runs")


class _Rows:
    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def _read(self, query: str, make: Callable[[Mapping[str, Any]], T]) -> tuple[T, ...]:
        return await self._database.read(lambda db: tuple(map(make, db.query(query))))


class SnapshotRows(_Rows):
    """Runs, and every verdict that was new in one; a verdict that repeats the one before makes no row."""

    async def keep(self, run: ReadinessRun, verdicts: Sequence[ClusterVerdict]) -> PreviousRun:
        """Add a run and its new verdicts, and return what was known before.

        It is one transaction, so that of two runs at once each sees all that the other kept, or nothing.
        """

        def work(db: Transaction) -> PreviousRun:
            last = next(db.query("SELECT at, judged_by FROM runs ORDER BY at DESC, id DESC LIMIT 1"), None)
            kept = {row["cluster_id"]: _kept(row) for row in db.query(_NEWEST)}
            insert(db, "runs", {**asdict(run), "at": _text(run.at)})
            rows = [row for each in verdicts if (row := _news(each, kept.get(each.cluster_id), run.at))]
            upsert(db, "verdicts", *rows, key=("cluster_id", "at"))
            return (
                PreviousRun(text_to_time(last["at"]), kept, last["judged_by"])
                if last
                else PreviousRun(None, kept)
            )

        return await self._database.write(work)

    async def verdicts(self) -> tuple[StoredVerdict, ...]:
        """Return every verdict ever kept, the oldest first."""
        return await self._read("SELECT * FROM verdicts ORDER BY at, cluster_id", _kept)

    async def repair(self, now: datetime) -> str:
        """Delete the runs of times that have not come by `now`, which is right; say so, empty for none.

        As the newest ones they would keep out all that is found until then.
        """
        ahead = _text(now + timedelta(seconds=TOLERANCE))
        deleted = await self._database.write(
            lambda db: [db.execute(f"DELETE FROM {name} WHERE at > ?", [ahead]).rowcount for name in _DATED]
        )
        return "Readiness checks with a future time were deleted." if any(deleted) else ""

    async def runs(self) -> tuple[ReadinessRun, ...]:
        query = "SELECT at, clusters, rules, gaps, judged_by FROM runs ORDER BY at, id"
        return await self._read(query, lambda row: ReadinessRun(**{**row, "at": text_to_time(row["at"])}))


def _news(verdict: ClusterVerdict, before: StoredVerdict | None, at: datetime) -> dict[str, Any] | None:
    """Return the row to add; None for nothing new, or when a run that began later has been kept already."""
    if before is not None and (before.verdict == verdict or before.at > at):
        return None
    is_same = before is not None and before.verdict.verdict == verdict.verdict
    since = before.since if before is not None and is_same else at
    return {"at": _text(at), "since": _text(since), **asdict(verdict)}


_RENAMED = {"cannot tell": "inconclusive"}
"""Verdicts in rows of earlier releases, and today's words: the rows stay as they were written."""


def _kept(row: Mapping[str, Any]) -> StoredVerdict:
    said = {name: row[name] for name in _VERDICT}
    return StoredVerdict(
        ClusterVerdict(**said | {"verdict": _RENAMED.get(row["verdict"], row["verdict"])}),
        at=text_to_time(row["at"]),
        since=text_to_time(row["since"]),
    )


_END = "UPDATE waivers SET ended_at = ?, ended_by = ? WHERE rule = ? AND cluster = ? AND ended_at IS NULL"
_GIVEN = "SELECT rule, cluster, until, owner, reason FROM waivers WHERE ended_at IS NULL"
_to_the_second = partial(time_to_text, precision="seconds")


class WaiverRows(_Rows):
    """Waivers that people gave by command, expired ones included until they are taken back.

    One that was replaced or taken back stays as a row, with its end and the person who ended it.
    """

    async def all(self) -> tuple[Waiver, ...]:
        """Return those that are not taken back, by rule and cluster."""
        return await self._read(f"{_GIVEN} ORDER BY rule, cluster", _waiver)

    async def give(self, waiver: Waiver, at: datetime) -> None:
        """Keep one, in place of an earlier one of the same rule and cluster."""
        times = {"until": _to_the_second(waiver.until), "given_at": _to_the_second(at)}

        def work(db: Transaction) -> None:
            db.execute(_END, [times["given_at"], waiver.owner, waiver.rule, waiver.cluster])
            insert(db, "waivers", {**asdict(waiver), **times})

        await self._database.write(work)

    async def take_back(self, rule: str, cluster: str, by: str, at: datetime) -> Waiver | None:
        """End one and return it; None when there is none."""

        def work(db: Transaction) -> Waiver | None:
            found = next(db.query(f"{_GIVEN} AND rule = ? AND cluster = ?", [rule, cluster]), None)
            db.execute(_END, [_to_the_second(at), by, rule, cluster])
            return None if found is None else _waiver(found)

        return await self._database.write(work)


def _waiver(row: Mapping[str, Any]) -> Waiver:
    return Waiver(**{**row, "until": text_to_time(row["until"])})


_REMEMBER = (
    "INSERT INTO sightings (cluster_id, cluster, seen_at, appeared_at, counterpart, how, told_in)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (cluster_id) DO UPDATE SET cluster = excluded.cluster, seen_at = excluded.seen_at"
    " WHERE sightings.appeared_at IS NULL AND excluded.seen_at >= sightings.seen_at"
)
_APPEAR = (
    "UPDATE sightings SET appeared_at = ?, counterpart = ?, how = ?, told_in = NULL"
    " WHERE cluster_id = ? AND (appeared_at IS NULL OR (how != 'same id' AND ? = 'same id'))"
)


class SightingRows(_Rows):
    """Known v1 clusters, and which of them have appeared in v2; each appearance is told once."""

    async def remember(
        self,
        clusters: Sequence[Cluster],
        in_both: Sequence[Appeared],
        at: datetime,
        accounts: Mapping[str, str],
    ) -> None:
        """Keep these clusters, new or known, as v1 shows them, until v2 shows them.

        `accounts` has the digest of each contract's account. A cluster that is in both APIs when it is first
        seen appeared at an unknown time: it is told to nobody.
        """
        nothing = (None, None, None, None)

        def work(db: Transaction) -> None:
            shown = {each.cluster.id: (_text(at), _json(each.counterpart), each.how, "") for each in in_both}
            rows = [(each.id, _json(each), _text(at), *shown.get(each.id, nothing)) for each in clusters]
            shown_by = [(accounts.get(each.contract, ""), each.id) for each in clusters]
            execute_many(db, _REMEMBER, rows)
            execute_many(db, "UPDATE sightings SET account = ? WHERE cluster_id = ?", shown_by)

        await self._database.write(work)

    async def known(self) -> tuple[ClusterSighting, ...]:
        """Return every v1 cluster ever seen, by id."""
        return await self._read("SELECT * FROM sightings ORDER BY cluster_id", _sighting)

    async def appear(self, found: Sequence[Appeared], at: datetime) -> None:
        """Keep those that v2 shows; one that is known to have appeared stays as it is, except that its own id
        takes the place of a probable successor, and is told once more."""
        rows = [(_text(at), _json(each.counterpart), each.how, each.cluster.id, each.how) for each in found]
        await self._database.write(lambda db: execute_many(db, _APPEAR, rows))

    async def claim(self, key: str, may_tell: Callable[[Cluster], bool]) -> tuple[ClusterSighting, ...]:
        """Return the appearances that are told to nobody yet, and mark them as told under `key`.

        The same key gets them again. It is one transaction: of two callers at once, one gets each.
        """
        query = (
            "SELECT * FROM sightings WHERE appeared_at IS NOT NULL AND (told_in IS NULL OR told_in = ?)"
            " ORDER BY appeared_at, cluster_id"
        )

        def work(db: Transaction) -> tuple[ClusterSighting, ...]:
            found = map(_sighting, list(db.query(query, [key])))
            told = tuple(each for each in found if may_tell(each.cluster))
            marked = [(key, each.cluster.id) for each in told]
            execute_many(db, "UPDATE sightings SET told_in = ? WHERE cluster_id = ?", marked)
            return told

        return await self._database.write(work)


def _sighting(row: Mapping[str, Any]) -> ClusterSighting:
    return ClusterSighting(
        cluster=adapter_of(Cluster).validate_json(row["cluster"]),
        appeared_at=optional_time(row["appeared_at"]),
        counterpart=adapter_of(Cluster).validate_json(row["counterpart"]) if row["counterpart"] else None,
        how=row["how"] or "",
        account=row["account"],
    )


def _json(cluster: Cluster) -> str:
    return adapter_of(Cluster).dump_json(cluster).decode()


class ReadinessHistory:
    """The three stores of what is kept between two readiness checks."""

    def __init__(self, database: SqliteDatabase) -> None:
        self.snapshots = SnapshotRows(database)
        self.waivers = WaiverRows(database)
        self.sightings = SightingRows(database)

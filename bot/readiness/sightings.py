"""Which v1 clusters are known, and which have appeared in v2, in SQLite; each is told of once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlite_utils import Database as Sqlite

from bot.domain.cluster import Cluster
from bot.readiness.history import Appearance, ClusterSighting
from bot.runtime.database.database import SqliteDatabase

_CLUSTER = TypeAdapter(Cluster)
_REMEMBER = (
    "INSERT INTO sightings (cluster_id, cluster, seen_at, appeared_at, counterpart, how, told_in)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (cluster_id) DO UPDATE SET cluster = excluded.cluster, seen_at = excluded.seen_at"
    " WHERE appeared_at IS NULL AND excluded.seen_at >= seen_at"
)
_APPEAR = (
    "UPDATE sightings SET appeared_at = ?, counterpart = ?, how = ?"
    " WHERE cluster_id = ? AND appeared_at IS NULL"
)


class SightingRows:
    """See `bot.readiness.history.Sightings`."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def remember(
        self, clusters: Sequence[Cluster], in_both: Sequence[Appearance], at: datetime
    ) -> None:
        shown = {each.cluster.id: (_text(at), _json(each.counterpart), each.how, "") for each in in_both}
        nothing = (None, None, None, None)
        rows = [(each.id, _json(each), _text(at), *shown.get(each.id, nothing)) for each in clusters]
        await self._database.write(lambda db: db.conn.executemany(_REMEMBER, rows))

    async def known(self) -> tuple[ClusterSighting, ...]:
        return await self._database.read(
            lambda db: tuple(
                _sighting(row) for row in db.query("SELECT * FROM sightings ORDER BY cluster_id")
            )
        )

    async def appear(self, found: Sequence[Appearance], at: datetime) -> None:
        rows = [(_text(at), _json(each.counterpart), each.how, each.cluster.id) for each in found]
        await self._database.write(lambda db: db.conn.executemany(_APPEAR, rows))

    async def claim(self, key: str, may_tell: Callable[[Cluster], bool]) -> tuple[ClusterSighting, ...]:
        """One transaction: of two that ask at once, one gets each."""

        def work(db: Sqlite) -> tuple[ClusterSighting, ...]:
            found = [
                _sighting(row)
                for row in db.query(
                    "SELECT * FROM sightings WHERE appeared_at IS NOT NULL"
                    " AND (told_in IS NULL OR told_in = ?) ORDER BY appeared_at, cluster_id",
                    [key],
                )
            ]
            told = tuple(each for each in found if may_tell(each.cluster))
            db.conn.executemany(
                "UPDATE sightings SET told_in = ? WHERE cluster_id = ?",
                [(key, each.cluster.id) for each in told],
            )
            return told

        return await self._database.write(work)


def _sighting(row: Mapping[str, Any]) -> ClusterSighting:
    return ClusterSighting(
        cluster=_CLUSTER.validate_json(row["cluster"]),
        seen_at=datetime.fromisoformat(row["seen_at"]),
        appeared_at=datetime.fromisoformat(row["appeared_at"]) if row["appeared_at"] else None,
        counterpart=_CLUSTER.validate_json(row["counterpart"]) if row["counterpart"] else None,
        how=row["how"] or "",
    )


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _json(cluster: Cluster) -> str:
    return _CLUSTER.dump_json(cluster).decode()

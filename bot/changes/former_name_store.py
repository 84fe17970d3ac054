"""Former names of clusters: approval rules by name cover a cluster for a while after it has lost the name.

Known is what the bot has listed: a name that a cluster had only between two listings, or before the first
one, is not known. Each lost name is a row here and a row of the audit log; either of them is enough.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.access.policy import FormerNames
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry, bot_entry
from bot.domain.cluster import Cluster, Listing
from bot.domain.plan import Plan, PlanTarget
from bot.domain.stored_values import canonical_json
from bot.runtime.clock import Clock
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import LISTED, Transaction, listed, upsert

KIND = "name"
"""Kind of the audit rows of lost names."""


@dataclass(frozen=True, slots=True)
class LostName:
    """An identity that a cluster had until `freed_at` (text, UTC): its own under a former name, or the one of
    the cluster whose data was copied into it."""

    cluster_id: str
    was: PlanTarget
    freed_at: str
    how: str

    @property
    def row(self) -> dict[str, Any]:
        return _row(self.cluster_id, self.was, self.freed_at)

    def entry(self, at: datetime) -> AuditEntry:
        kept = canonical_json({"was": self.was.model_dump(mode="json"), "freed_at": self.freed_at})
        entry = bot_entry(at, KIND, "noted", text=f"{self.was.called}: {self.how}")
        return replace(entry, clusters=frozenset({self.cluster_id}), kept=kept)


@dataclass(frozen=True, slots=True)
class FormerNameRows:
    """Store of the names that clusters have and had. `period` is how long a lost one counts; zero: not at
    all. All methods raise StoreError."""

    database: SqliteDatabase
    audit: AuditLog
    clock: Clock
    period: timedelta

    async def note(self, listing: Listing[Cluster]) -> None:
        """Note the names of a listing of the whole fleet, and which clusters lost theirs since the last one.

        A cluster that is missing has lost its name only if every endpoint responded.
        """
        # Thousands of names are compared beside the loop.
        seen = await asyncio.to_thread(lambda: {each.id: PlanTarget.of(each) for each in listing.items})
        if await self.database.read(lambda db: _is_known(seen, _current(db), is_whole=not listing.gaps)):
            return
        at = self.clock.now()

        def work(db: Transaction) -> None:
            known = _current(db)
            lost = list(_find_lost(known, seen, time_to_text(at), is_whole=not listing.gaps))
            upsert(db, "cluster_names", *(each.row for each in lost), key=_KEY)
            for each in lost:
                self.audit.adding(each.entry(at))(db)
            fresh = [target for id_, target in seen.items() if known.get(id_) != target]
            upsert(db, "cluster_names", *(_row(each.id, each, None) for each in fresh), key=_KEY)

        await self.database.write(work)

    async def find_former(self, *plans: Plan) -> FormerNames:
        """Return what the clusters of these plans were known as within the period, by their ids."""
        ids = {each.id for plan in plans for each in (plan.target, plan.source) if each is not None} - {""}
        if not ids or not self.period:
            return {}
        since = time_to_text(self.clock.now() - self.period)
        return await self.database.read(lambda db: _former(db, ids, since))


def _is_known(seen: Mapping[str, PlanTarget], known: Mapping[str, PlanTarget], *, is_whole: bool) -> bool:
    return seen.items() <= known.items() and (not is_whole or seen.keys() == known.keys())


def find_accepted(db: Transaction, plan: Plan, made: str, now: str) -> list[LostName]:
    """Return the names that clusters lose, or pass on to the cluster `made`, when a plan is accepted."""
    lost = [LostName(plan.target.id, plan.target, now, "renamed")] if plan.becomes is not None else []
    if made and plan.source is not None:
        names = [(row["freed_at"] or now, _target(row)) for row in _rows_of(db, {plan.source.id})]
        names += [] if plan.source.is_gone else [(now, PlanTarget.of(plan.source.as_cluster()))]
        lost += [LostName(made, was, at, "its data was copied") for at, was in names]
    return lost


def keep_passed_on(db: Transaction, lost: Iterable[LostName]) -> None:
    """Store the names that were passed on to another cluster; a cluster's own come with the next listing."""
    upsert(db, "cluster_names", *(each.row for each in lost if each.cluster_id != each.was.id), key=_KEY)


_KEY = ("cluster_id", "was_id", "name")


def _row(cluster_id: str, was: PlanTarget, freed_at: str | None) -> dict[str, Any]:
    return {
        "cluster_id": cluster_id,
        "was_id": was.id,
        "name": was.name,
        "api": was.api.value,
        "contract": was.contract,
        "region": was.region,
        "freed_at": freed_at,
    }


def _target(row: Mapping[str, Any]) -> PlanTarget:
    known = {name: row[name] for name in ("name", "api", "contract", "region")}
    return PlanTarget(id=row["was_id"], **known)


def _current(db: Transaction) -> dict[str, PlanTarget]:
    """Return every cluster under the name that it has, by id."""
    rows = db.query("SELECT * FROM cluster_names WHERE freed_at IS NULL")
    return {row["cluster_id"]: _target(row) for row in rows}


def _find_lost(
    known: Mapping[str, PlanTarget], seen: Mapping[str, PlanTarget], now: str, *, is_whole: bool
) -> Iterator[LostName]:
    for cluster_id, was in known.items():
        there = seen.get(cluster_id)
        if there is None and is_whole:
            yield LostName(cluster_id, was, now, "not listed any more")
        elif there is not None and there.name != was.name:
            yield LostName(cluster_id, was, now, f"called {there.called} now")


def _rows_of(db: Transaction, ids: Iterable[str]) -> list[dict[str, Any]]:
    query = f"SELECT * FROM cluster_names WHERE cluster_id {LISTED} ORDER BY freed_at, was_id, name"
    return list(db.query(query, [listed(ids)]))


def _former(db: Transaction, ids: Iterable[str], since: str) -> FormerNames:
    """Return the names in rows of either table; an audit row is written when the name is lost or later."""
    query = f"SELECT cluster, kept FROM audit WHERE kind = '{KIND}' AND cluster {LISTED} AND at > ?"
    told = ((row["cluster"], json.loads(row["kept"])) for row in db.query(query, [listed(ids), since]))
    found: dict[str, list[PlanTarget]] = defaultdict(list)
    for row in _rows_of(db, ids):
        if row["freed_at"] is None or row["freed_at"] > since:
            found[row["cluster_id"]].append(_target(row))
    for cluster_id, kept in told:
        was = PlanTarget.model_validate(kept["was"])
        if kept["freed_at"] > since and was not in found[cluster_id]:
            found[cluster_id].append(was)
    return found

"""`/pg summary backups`: which backups need a look, and whether restores were tried."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated

from bot.access.owners import mention_owners
from bot.changes.change_result import ChangeStatus, ChangeView
from bot.changes.record import ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, command, returns
from bot.domain.attempt import WORKING
from bot.domain.cluster import Cluster
from bot.domain.recovery_window import RecoveryWindow, recovery_windows
from bot.domain.reply import Column, Fields, Part, Reply, show_table, warn_of_gaps
from bot.domain.result import CommandResult
from bot.domain.times import format_span, parse_duration
from handlers.shared.drill_clusters import DrillCluster, find_left_clusters, show_drill_clusters
from handlers.shared.list_titles import reply_no_clusters, title_backups
from handlers.shared.records import ClusterRecovery
from handlers.shared.summary_parts import name_clusters
from handlers.shared.visible_changes import find_changes

DRILL = "drill"
"""The command that proves that a backup can be restored."""

TRIED = frozenset({ChangeState.DONE, ChangeState.FAILED, ChangeState.NOT_IN_EFFECT, ChangeState.UNKNOWN})
"""States of a drill that was carried out; only DONE proves anything."""

MOST = 10_000
"""The most drills that are counted."""


class SummaryBackupsArguments(Arguments):
    stale: Annotated[
        str, InForm(label="Warn if older than", hint="Age of the latest restorable time.", example="24h")
    ] = "24h"
    """Oldest latest restorable time that is fine, such as 24h"""
    drills: Annotated[str, InForm(label="Count drills of the last", hint="", example="90d")] = "90d"
    """Period to count drills in, such as 90d"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDrill:
    """The last drill of a cluster that was carried out; only one that succeeded proves anything."""

    change_id: str
    status: ChangeStatus
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSummary(ClusterRecovery):
    """A cluster's backups, and its last drill in the period."""

    owner: str | None
    last_drill: LastDrill | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryBackups(CommandResult):
    """The backups of every cluster, and the clusters that drills left behind: null where no cluster could be
    listed."""

    clusters: tuple[BackupSummary, ...]
    drills_since: datetime
    left_clusters: tuple[DrillCluster, ...] | None


@returns(SummaryBackups)
@command(examples=("summary backups", "summary backups --stale 2h --drills 30d"))
async def summary_backups(args: SummaryBackupsArguments, ctx: Context) -> Reply:
    """Summarize backups: which need attention, and which were tested.

    Meant for a scheduled report, which shows what changed since the last run.
    """
    stale, period = parse_duration(args.stale), parse_duration(args.drills)
    clusters, backups = await asyncio.gather(ctx.clusters(), ctx.backups())
    gaps = tuple(dict.fromkeys((*clusters.gaps, *backups.gaps)))
    parts = warn_of_gaps(gaps)
    since = ctx.now() - period
    found = recovery_windows(clusters.items, backups, ctx.now(), stale)
    if not found:
        nothing = SummaryBackups(clusters=(), drills_since=since, left_clusters=None)
        return reply_no_clusters(gaps, parts, nothing)
    names, drills = (
        name_clusters((each.id, each.name, each.region) for each in clusters.items),
        await _read_drills(clusters.items, since, ctx),
    )
    found.sort(key=lambda each: names[each[0].id])
    rows = [_summarize(*each, drills.get(each[0].id), ctx) for each in found]
    left = await find_left_clusters(ctx)
    unsure = [each for each in rows if each.backup_count is None]
    wrong = [each for each in rows if each.warning is not None and each.backup_count is not None]
    proven = sum(1 for each in drills.values() if each.state is ChangeState.DONE)
    in_order = f"{len(rows) - len(wrong) - len(unsure)} of {len(rows)}"
    drilled = (f"Drilled in {format_span(period)}", f"{proven} of {len(rows)}")
    parts.append(Fields((("In order", in_order), drilled)))
    parts += _show_warnings("Backups that need attention", wrong, names)
    parts += _show_warnings("Backups that could not be read", unsure, names)
    parts += _show_drills(rows, names, drills)
    parts += show_drill_clusters(left)
    working = {each.id for each in clusters.items if each.state in WORKING}
    parts += mention_owners(_find_owners(wrong, working, drills.values(), ctx), ctx.settings)
    title = title_backups(len(rows), wrong=len(wrong), unread=len(unsure), gaps=gaps)
    result = SummaryBackups(clusters=tuple(rows), drills_since=since, left_clusters=left)
    return Reply(title, tuple(parts), result=result)


def _summarize(
    cluster: Cluster, window: RecoveryWindow, drill: ChangeRecord | None, ctx: Context
) -> BackupSummary:
    recovery = ClusterRecovery.of(cluster, window)
    known = {each.name: getattr(recovery, each.name) for each in fields(ClusterRecovery)}
    last = None
    if drill is not None:
        status = ChangeView.of(drill).status
        last = LastDrill(change_id=drill.id, status=status, ended_at=drill.ended_at)
    return BackupSummary(**known, owner=ctx.tags(cluster).owner, last_drill=last)


async def _read_drills(clusters: Iterable[Cluster], since: datetime, ctx: Context) -> dict[str, ChangeRecord]:
    """Return the last drill of each of these clusters that was carried out, by the cluster's id."""
    there = {each.id for each in clusters}
    latest: dict[str, ChangeRecord] = {}

    def is_drill(record: ChangeRecord) -> bool:
        return record.plan.command == DRILL and record.plan.target.id in there

    for each in await find_changes(ctx, TRIED, MOST, is_drill, since=since):
        latest.setdefault(each.plan.target.id, each)
    return latest


def _show_warnings(caption: str, rows: Sequence[BackupSummary], names: dict[str, str]) -> list[Part]:
    columns: tuple[Column[BackupSummary], ...] = (
        Column("Cluster", cell=lambda each: names[each.cluster.id]),
        Column("Warning", cell=lambda each: each.warning),
        Column("Owner", cell=lambda each: each.owner),
    )
    return show_table(caption, columns, rows)


def _show_drills(
    rows: Sequence[BackupSummary], names: dict[str, str], drills: dict[str, ChangeRecord]
) -> list[Part]:
    columns: tuple[Column[BackupSummary], ...] = (
        Column("Cluster", cell=lambda each: names[each.cluster.id]),
        Column("Result", cell=lambda each: drills[each.cluster.id].label),
        Column("Ended", cell=lambda each: each.last_drill.ended_at if each.last_drill else None),
    )
    return show_table("Drills", columns, [each for each in rows if each.last_drill])


def _find_owners(
    wrong: Sequence[BackupSummary], working: Collection[str], drills: Iterable[ChangeRecord], ctx: Context
) -> Iterable[str | None]:
    """Yield the owners of what is wrong and does not recover by itself, and of failed drills."""
    yield from (each.owner for each in wrong if each.cluster.id not in working)
    failed = (each.plan.target.as_cluster() for each in drills if each.state is not ChangeState.DONE)
    yield from (ctx.tags(each).owner for each in failed)

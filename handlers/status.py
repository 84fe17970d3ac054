"""`/pg status`: the whole fleet on one screen."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as, returns
from bot.domain.cluster import Cluster, ClusterRef
from bot.domain.maintenance_window import LENGTH, find_opening, is_open
from bot.domain.phrases import format_count, join_some
from bot.domain.recovery_window import RecoveryProblem, recovery_windows
from bot.domain.reply import (
    Column,
    Fields,
    Note,
    Part,
    Reply,
    Text,
    Warn,
    make_table,
    show_table,
    warn_of_gaps,
    wide,
)
from bot.domain.reply_text import format_cell
from bot.domain.result import CommandResult
from bot.domain.times import format_ago, format_span
from handlers.shared.drill_clusters import DrillCluster, find_left_clusters, show_drill_clusters
from handlers.shared.list_titles import RESTING, reply_no_clusters, title_fleet
from handlers.shared.records import ClusterRecovery

LISTED = 12
"""The most clusters listed that need a look, so that it stays one screen."""

WINDOWS = 3
STALE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMaintenance:
    """The maintenance window of a cluster that is open, or its next one."""

    cluster: ClusterRef
    starts_at: datetime
    ends_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(CommandResult):
    """The whole fleet. A cluster without `maintenance` has a window that is unknown. `left_drill_clusters`
    are those that drills left behind; `unsettled_changes` are ids of changes whose outcome a person has to
    record."""

    clusters: tuple[Cluster, ...]
    recovery: tuple[ClusterRecovery, ...]
    maintenance: tuple[NextMaintenance, ...]
    left_drill_clusters: tuple[DrillCluster, ...]
    unsettled_changes: tuple[str, ...]


@returns(Status)
@known_as(
    *("overview", "going on", "what runs", "right now", "health", "healthy", "unhealthy", "broken"),
    *("down", "failing", "failed", "dashboard", "busy", "ok", "alive", "upcoming", "maintenance"),
)
@headline(Task.SEE)
@command(examples=("status",))
async def status(_args: Arguments, ctx: Context) -> Reply:
    """Show the fleet at a glance: states, backups and maintenance.

    It names the clusters that are not AVAILABLE or have problems with backups, and what could not be read.
    """
    clusters, backups = await asyncio.gather(ctx.clusters(), ctx.backups())
    now = ctx.now()
    gaps = dict.fromkeys((*clusters.gaps, *backups.gaps))
    windows = recovery_windows(clusters.items, backups, now, STALE)
    stuck = await ctx.changes.rows.find_stuck(now)
    found = Status(
        clusters=clusters.items,
        recovery=tuple(ClusterRecovery.of(*each) for each in windows),
        maintenance=tuple(_find_maintenance(clusters.items, now)),
        left_drill_clusters=await find_left_clusters(ctx),
        unsettled_changes=tuple(each.id for each in stuck if ctx.may_see(each.plan.target.as_cluster())),
    )
    parts = [
        *warn_of_gaps(gaps),
        *_show_unsettled_changes(found.unsettled_changes),
        *show_drill_clusters(found.left_drill_clusters),
    ]
    if not found.clusters:
        return reply_no_clusters(gaps, parts, found)
    parts += _show_unavailable(found.clusters, now)
    parts += _show_recovery(found.recovery, now)
    parts += _show_maintenance(found, now)
    return Reply(title_fleet(found.clusters, gaps), tuple(parts), result=found)


def _show_unsettled_changes(ids: Sequence[str]) -> list[Part]:
    """Warn of changes that wait for a person to say how they ended."""
    if not ids:
        return []
    needs = "needs its outcome" if len(ids) == 1 else "need their outcomes"
    count = format_count(len(ids), "change")
    return [Warn(f"{count} {needs} recorded with “change settle”: {join_some(ids)}.")]


def _show_unavailable(clusters: Sequence[Cluster], now: datetime) -> list[Part]:
    found = sorted(
        (each for each in clusters if each.state != RESTING), key=lambda each: (each.state, each.name)
    )
    if not found:
        return [Text(f"Every cluster is {RESTING}.")]
    parts: list[Part] = [
        make_table(f"Not {RESTING}", _list_state_columns(now), found[:LISTED], name="not-available")
    ]
    if len(found) > LISTED:
        parts.append(
            Note(f"And {len(found) - LISTED} more that are not {RESTING}: cluster list --sort state.")
        )
    parts.append(
        Note("The API does not say how long a cluster has been in its state; the last change is close to it.")
    )
    return parts


def _list_state_columns(now: datetime) -> tuple[Column[Cluster], ...]:
    def describe_last_change(cluster: Cluster) -> str | None:
        changed = cluster.modified_at or cluster.created_at
        return format_ago(changed, now) if changed else None

    return (
        Column("Name", cell=lambda cluster: cluster.name),
        Column("State", cell=lambda cluster: cluster.state),
        Column("Last change", cell=describe_last_change),
        Column("Message", cell=lambda cluster: cluster.status_message),
        wide("Region", cell=lambda cluster: cluster.region),
        wide("API", cell=lambda cluster: cluster.api.value),
    )


def _show_recovery(found: Sequence[ClusterRecovery], now: datetime) -> list[Part]:
    names: dict[RecoveryProblem | None, list[str]] = {}
    for each in found:
        names.setdefault(each.problem, []).append(each.cluster.name)
    good = len(names.pop(None, ()))
    missing, unread = names.pop(RecoveryProblem.MISSING, ()), names.pop(RecoveryProblem.UNREAD, ())
    wrong = [each.cluster.name for each in found if each.problem in names]
    pairs = (
        ("Backups in order", f"{good} of {len(found)}"),
        ("Missing", join_some(missing)),
        ("Could not be read", join_some(unread)),
        ("With problems", join_some(wrong)),
        ("Furthest behind", _find_furthest(found, now)),
    )
    parts: list[Part] = [Fields(tuple(pair for pair in pairs if pair[1]))]
    if good < len(found):
        parts.append(Note("“backup list” shows the problem of each."))
    return parts


def _find_furthest(found: Sequence[ClusterRecovery], now: datetime) -> str | None:
    """Return the cluster whose latest restorable time is longest ago; None where all reach up to now."""
    behind = [
        (each.latest_at, each.cluster.name) for each in found if each.latest_at and each.latest_at < now
    ]
    if not behind:
        return None
    at, name = min(behind)
    return f"{name}: up to {format_cell(at)}, {format_ago(at, now)}"


def _find_maintenance(clusters: Sequence[Cluster], now: datetime) -> list[NextMaintenance]:
    """Return the windows that are known, the first to open at the top."""
    known = [
        NextMaintenance(
            cluster=ClusterRef.of(each), starts_at=start, ends_at=start + LENGTH, is_open=is_open(start, now)
        )
        for each in clusters
        if (start := find_opening(each.maintenance, now))
    ]
    return sorted(known, key=lambda each: (each.starts_at, each.cluster.name))


def _show_maintenance(found: Status, now: datetime) -> list[Part]:
    def describe_start(window: NextMaintenance) -> str:
        if window.is_open:
            return f"open for another {format_span(window.ends_at - now)}"
        return format_ago(window.starts_at, now)

    columns: tuple[Column[NextMaintenance], ...] = (
        Column("Cluster", cell=lambda window: window.cluster.name),
        Column("Starts", cell=lambda window: window.starts_at),
        Column("When", cell=describe_start),
    )
    shown = found.maintenance[:WINDOWS]
    parts = show_table("Next maintenance windows", columns, shown, name="maintenance")
    unknown = len(found.clusters) - len(found.maintenance)
    if unknown:
        parts.append(Note(f"The maintenance window of {format_count(unknown, 'cluster')} is unknown."))
    return parts

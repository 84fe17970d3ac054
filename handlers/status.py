"""`/pg status`: the whole fleet on one screen."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from bot.changes.record import ChangeRecord
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as
from bot.domain.cluster import Backup, Cluster, Listing
from bot.domain.maintenance_window import LENGTH, find_opening, is_open
from bot.domain.phrases import format_count, join_some
from bot.domain.recovery_window import RecoveryWindow, recovery_windows
from bot.domain.reply import Cell, Column, Fields, Note, Part, Reply, Table, Text, Warn, warn_of_gaps, wide
from bot.domain.reply_text import format_cell
from bot.domain.times import format_ago, format_span
from handlers.shared.drill_clusters import show_left_clusters
from handlers.shared.list_titles import NO_CLUSTERS, RESTING, UNREAD, title_fleet, title_no_clusters

LISTED = 12
"""The most clusters listed that need a look, so that it stays one screen."""

WINDOWS = 3
STALE = timedelta(hours=24)


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
    parts = warn_of_gaps(gaps)
    parts += _show_stuck(await ctx.changes.rows.find_stuck(now), ctx)
    parts += await show_left_clusters(ctx)
    if not clusters.items:
        parts.append(Text(UNREAD if gaps else NO_CLUSTERS))
        return Reply(title_no_clusters(gaps), tuple(parts), ok=not gaps)
    parts += _show_unavailable(clusters.items, now)
    parts += _show_backups(clusters.items, backups, now)
    parts += _show_maintenance(clusters.items, now)
    return Reply(title_fleet(clusters.items, gaps), tuple(parts))


def _show_stuck(changes: list[ChangeRecord], ctx: Context) -> list[Part]:
    """Warn of changes that wait for a person to say how they ended."""
    ids = [each.id for each in changes if ctx.may_see(each.plan.target.as_cluster())]
    if not ids:
        return []
    needs = "needs its outcome" if len(ids) == 1 else "need their outcomes"
    count = format_count(len(ids), "change")
    return [Warn(f"{count} {needs} recorded with “change settle”: {join_some(ids)}.")]


def _show_unavailable(clusters: tuple[Cluster, ...], now: datetime) -> list[Part]:
    found = sorted(
        (each for each in clusters if each.state != RESTING), key=lambda each: (each.state, each.name)
    )
    if not found:
        return [Text(f"Every cluster is {RESTING}.")]
    columns: tuple[Column[Any] | str, ...] = (
        "Name",
        "State",
        "Last change",
        "Message",
        wide("Region"),
        wide("API"),
    )
    rows = tuple(_make_row(each, now) for each in found[:LISTED])
    parts: list[Part] = [Table(f"Not {RESTING}", columns, rows, name="not-available")]
    if len(found) > LISTED:
        parts.append(
            Note(f"And {len(found) - LISTED} more that are not {RESTING}: cluster list --sort state.")
        )
    parts.append(
        Note("The API does not say how long a cluster has been in its state; the last change is close to it.")
    )
    return parts


def _make_row(cluster: Cluster, now: datetime) -> tuple[Cell, ...]:
    changed = cluster.modified_at or cluster.created_at
    last = format_ago(changed, now) if changed else None
    return (cluster.name, cluster.state, last, cluster.status_message, cluster.region, cluster.api.value)


def _show_backups(clusters: tuple[Cluster, ...], backups: Listing[Backup], now: datetime) -> list[Part]:
    found = recovery_windows(clusters, backups, now, STALE)
    good = sum(1 for _, each in found if not each.warning)
    pairs = (
        ("Backups in order", f"{good} of {len(found)}"),
        ("Missing", join_some(cluster.name for cluster, each in found if each.known and not each.count)),
        ("Could not be read", join_some(cluster.name for cluster, each in found if not each.known)),
        ("With problems", join_some(cluster.name for cluster, each in found if each.count and each.warning)),
        ("Furthest behind", _find_furthest(found, now)),
    )
    parts: list[Part] = [Fields(tuple(pair for pair in pairs if pair[1]))]
    if good < len(found):
        parts.append(Note("“backup list” shows the problem of each."))
    return parts


def _find_furthest(found: list[tuple[Cluster, RecoveryWindow]], now: datetime) -> str | None:
    """Return the cluster whose latest restorable time is longest ago; None where all reach up to now."""
    behind = [(each.newest, cluster.name) for cluster, each in found if each.newest and each.newest < now]
    if not behind:
        return None
    at, name = min(behind)
    return f"{name}: up to {format_cell(at)}, {format_ago(at, now)}"


def _show_maintenance(clusters: tuple[Cluster, ...], now: datetime) -> list[Part]:
    known = [(start, each.name) for each in clusters if (start := find_opening(each.maintenance, now))]
    parts: list[Part] = []
    if known:
        rows = tuple((name, start, _describe_start(start, now)) for start, name in sorted(known)[:WINDOWS])
        parts.append(
            Table("Next maintenance windows", ("Cluster", "Starts", "When"), rows, name="maintenance")
        )
    unknown = len(clusters) - len(known)
    if unknown:
        parts.append(Note(f"The maintenance window of {format_count(unknown, 'cluster')} is unknown."))
    return parts


def _describe_start(start: datetime, now: datetime) -> str:
    if is_open(start, now):
        return f"open for another {format_span(start + LENGTH - now)}"
    return format_ago(start, now)

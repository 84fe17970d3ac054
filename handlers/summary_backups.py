"""`/pg summary backups`: which backups need a look, and whether restores were tried."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.access.owners import mention_owners
from bot.changes.record import ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.commands.form_layout import InForm
from bot.domain.attempt import WORKING
from bot.domain.cluster import Cluster
from bot.domain.recovery_window import RecoveryWindow, recovery_windows
from bot.domain.reply import Fields, Part, Reply, Table, Text, warn_of_gaps
from bot.domain.times import format_span, parse_duration
from handlers.shared.drill_clusters import find_left_clusters, show_drill_clusters
from handlers.shared.list_titles import NO_CLUSTERS, UNREAD, title_backups, title_no_clusters
from handlers.shared.summary_parts import name_clusters
from handlers.shared.visible_changes import find_changes

DRILL = "drill"
"""The command that proves that a backup can be restored."""

TRIED = frozenset({ChangeState.DONE, ChangeState.FAILED, ChangeState.NOT_IN_EFFECT, ChangeState.UNKNOWN})
"""States of a drill that was carried out; only DONE proves anything."""

MOST = 10_000
"""The most drills that are counted."""

Row = tuple[Cluster, RecoveryWindow]


class SummaryBackupsArguments(Arguments):
    stale: Annotated[
        str,
        InForm(label="Warn if older than", hint="Age of the latest restorable time.", example="24h"),
        Field(description="Oldest latest restorable time that is fine, such as 24h"),
    ] = "24h"
    drills: Annotated[
        str,
        InForm(label="Count drills of the last", hint="", example="90d"),
        Field(description="Period to count drills in, such as 90d"),
    ] = "90d"


@command(examples=("summary backups", "summary backups --stale 2h --drills 30d"))
async def summary_backups(args: SummaryBackupsArguments, ctx: Context) -> Reply:
    """Summarize backups: which need attention, and which were tested.

    Meant for a scheduled report, which shows what changed since the last run.
    """
    stale, period = parse_duration(args.stale), parse_duration(args.drills)
    clusters, backups = await asyncio.gather(ctx.clusters(), ctx.backups())
    gaps = tuple(dict.fromkeys((*clusters.gaps, *backups.gaps)))
    parts = warn_of_gaps(gaps)
    found = recovery_windows(clusters.items, backups, ctx.now(), stale)
    if not found:
        parts.append(Text(UNREAD if gaps else NO_CLUSTERS))
        return Reply(title_no_clusters(gaps), tuple(parts), ok=not gaps)
    names, drills = name_clusters(clusters.items), await _read_drills(clusters.items, period, ctx)
    wrong = [each for each in found if each[1].warning and each[1].known]
    unsure = [each for each in found if not each[1].known]
    proven = sum(1 for each in drills if each.state is ChangeState.DONE)
    parts.append(
        Fields(
            (
                ("In order", f"{len(found) - len(wrong) - len(unsure)} of {len(found)}"),
                (f"Drilled in {format_span(period)}", f"{proven} of {len(found)}"),
            )
        )
    )
    parts += _show_warnings("Backups that need attention", wrong, names, ctx)
    parts += _show_warnings("Backups that could not be read", unsure, names, ctx)
    parts += _show_drills(drills, names)
    parts += show_drill_clusters(await find_left_clusters(ctx))
    parts += mention_owners(_find_owners(wrong, drills, ctx), ctx.settings)
    title = title_backups(len(found), wrong=len(wrong), unread=len(unsure), gaps=gaps)
    return Reply(title, tuple(parts))


async def _read_drills(clusters: Iterable[Cluster], period: timedelta, ctx: Context) -> list[ChangeRecord]:
    """Return the last drill of each of these clusters that was carried out."""
    there = {each.id for each in clusters}
    latest: dict[str, ChangeRecord] = {}

    def is_drill(record: ChangeRecord) -> bool:
        return record.plan.command == DRILL and record.plan.target.id in there

    for each in await find_changes(ctx, TRIED, MOST, is_drill, since=ctx.now() - period):
        latest.setdefault(each.plan.target.id, each)
    return list(latest.values())


def _show_warnings(caption: str, rows: Sequence[Row], names: dict[str, str], ctx: Context) -> list[Part]:
    cells = [(names[cluster.id], window.warning, ctx.tags(cluster).owner) for cluster, window in rows]
    cells.sort(key=lambda row: row[0])
    columns = ("Cluster", "Warning", "Owner")
    name = caption.casefold().replace(" ", "-")
    return [Table(caption, columns, tuple(cells), name=name)] if rows else []


def _show_drills(drills: Sequence[ChangeRecord], names: dict[str, str]) -> list[Part]:
    cells = ((names[each.plan.target.id], each.label, each.ended_at) for each in drills)
    columns = ("Cluster", "Result", "Ended")
    rows = tuple(sorted(cells, key=lambda row: row[0]))
    return [Table("Drills", columns, rows, name="drills")] if rows else []


def _find_owners(wrong: Sequence[Row], drills: Sequence[ChangeRecord], ctx: Context) -> Iterable[str | None]:
    """Yield the owners of what is wrong and does not recover by itself, and of failed drills."""
    yield from (ctx.tags(cluster).owner for cluster, _ in wrong if cluster.state not in WORKING)
    failed = (each.plan.target.as_cluster() for each in drills if each.state is not ChangeState.DONE)
    yield from (ctx.tags(each).owner for each in failed)

"""`/pg summary backups`: which backups need a look, and whether restores were tried."""

import asyncio
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.changes.record import Record
from bot.command import Arguments, command
from bot.context import Context
from bot.moments import duration
from bot.recoverable import reaches
from bot.reply import Fields, Part, Reply, Table, Warn
from bot.reports.mentions import mentions
from bot.wording import counted

DRILL = "drill"
"""The command that proves that a backup can be restored."""


class SummaryBackupsArguments(Arguments):
    """What is too old."""

    stale: Annotated[str, Field(description="Backups that reach no further than so long ago need a look")] = (
        "24h"
    )
    drills: Annotated[str, Field(description="Drills of so long ago count")] = "90d"


@command(examples=("summary backups", "summary backups --stale 2h --drills 30d"))
async def summary_backups(args: SummaryBackupsArguments, ctx: Context) -> Reply:
    """Sum up backups: which need a look, and whose restore was drilled.

    Made for a report, whose difference from last time says what is new.
    """
    stale, period = duration(args.stale), duration(args.drills)
    clusters, backups = await asyncio.gather(ctx.clusters(), ctx.backups())
    gaps = dict.fromkeys((*clusters.gaps, *backups.gaps))
    found = sorted(reaches(clusters.items, backups, ctx.now(), stale), key=lambda each: each[0].name)
    wrong = [(cluster, reach) for cluster, reach in found if reach.warning]
    drilled = await _drills(ctx, period)
    parts: list[Part] = [Warn(f"Could not look at {gap}") for gap in gaps]
    parts.append(Fields(_numbers(len(found), len(wrong), drilled)))
    rows = tuple((cluster.name, reach.warning, ctx.tags(cluster).owner) for cluster, reach in wrong)
    if rows:
        parts.append(Table("Backups that need a look", ("Cluster", "Warning", "Owner"), rows, name="backups"))
    if drilled:
        tried = tuple((each.plan.target.name, each.state.value, each.ended_at) for each in drilled)
        parts.append(Table("Drills", ("Cluster", "Result", "Ended"), tried, name="drills"))
    parts += mentions((ctx.tags(cluster).owner for cluster, reach in wrong if reach.known), ctx.settings)
    title = f"Backups of {counted(len(found), 'cluster')}: {len(wrong)} need a look"
    return Reply(
        title if wrong else title.replace("0 need a look", "all in order"), tuple(parts), ok=bool(found)
    )


async def _drills(ctx: Context, period: timedelta) -> list[Record]:
    """The last drill of each cluster that may be seen and has ended."""
    records = await ctx.changes.rows.latest(limit=1_000, since=ctx.now() - period)
    latest: dict[str, Record] = {}
    for each in records:
        if each.plan.command == DRILL and not each.is_open and ctx.may_see(each.plan.target.as_cluster()):
            latest.setdefault(each.plan.target.name, each)
    return [latest[name] for name in sorted(latest)]


def _numbers(clusters: int, wrong: int, drilled: list[Record]) -> tuple[tuple[str, str], ...]:
    return (("In order", f"{clusters - wrong} of {clusters}"), ("Drilled", f"{len(drilled)} of {clusters}"))

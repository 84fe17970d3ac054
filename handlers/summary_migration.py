"""`/pg summary migration`: how far the move to v2 is, what blocks it, and which waivers lapse."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from bot.command import Arguments, command
from bot.context import Context
from bot.domain import Api, Cluster
from bot.ledger import Verdict
from bot.moments import duration
from bot.reply import Chart, Fields, Part, Reply, Table, Text, Warn
from bot.reports.mentions import mentions
from migrations.history import WINDOW_DAYS, burn_down, forecast
from migrations.judging import Judged, judge
from migrations.readiness import Assessment, Readiness


class SummaryMigrationArguments(Arguments):
    """How far ahead."""

    lapse: Annotated[str, Field(description="Waivers that lapse within so long are named")] = "14d"


@command(examples=("summary migration", "summary migration --lapse 30d"))
async def summary_migration(args: SummaryMigrationArguments, ctx: Context) -> Reply:
    """Sum up the migration: what is blocked, what lapses, and a forecast.

    Made for a report, whose difference from last time says what moved and what is newly blocked.
    """
    ahead = duration(args.lapse)
    judged = await judge(ctx)
    report = judged.report
    blocked = [each for each in report.assessments if each.readiness is Readiness.BLOCKED]
    parts: list[Part] = [Warn(f"Could not look at {gap}") for gap in report.gaps]
    parts += [Fields(_numbers(judged)), *await _burn_down(ctx)]
    parts += _standings(report.assessments, ctx)
    parts += await _lapsing(ctx, ctx.now(), ahead)
    parts += mentions((ctx.tags(each.cluster).owner for each in blocked), ctx.settings)
    left = len(report.assessments)
    return Reply(f"{left} pending, {len(blocked)} blocked", tuple(parts), ok=bool(left) or not report.gaps)


def _numbers(judged: Judged) -> tuple[tuple[str, int], ...]:
    counts = Counter(each.readiness for each in judged.report.assessments)
    return tuple((verdict.value.capitalize(), counts[verdict]) for verdict in Readiness)


def _standings(assessments: tuple[Assessment, ...], ctx: Context) -> list[Part]:
    rows = tuple(
        (
            each.cluster.name,
            each.readiness.value,
            each.worst.rule.id if each.worst else None,
            ctx.tags(each.cluster).owner,
        )
        for each in sorted(assessments, key=lambda each: each.cluster.name)
    )
    return [Table("Pending", ("Cluster", "Verdict", "Worst", "Owner"), rows, name="pending")] if rows else []


async def _burn_down(ctx: Context) -> list[Part]:
    """The forecast and its chart, of the runs that are kept."""
    verdicts = await ctx.ledger.snapshots.verdicts()
    kept = [each for each in verdicts if ctx.may_see(_cluster(each.verdict))]
    days = await asyncio.to_thread(burn_down, kept, ctx.now(), WINDOW_DAYS)
    if not days:
        return [Text("No forecast: no run of “migration status” is kept yet.")]
    expected = forecast(days, [run.at for run in await ctx.ledger.snapshots.runs()])
    when = f"none pending by {expected.day:%Y-%m-%d}" if expected.day else "none"
    labels = tuple(f"{each.day:%Y-%m-%d}" for each in days)
    series = (("pending", tuple(float(each.pending) for each in days)),)
    return [Text(f"Forecast: {when} ({expected.why})."), Chart("Pending by day", "line", labels, series)]


async def _lapsing(ctx: Context, now: datetime, ahead: timedelta) -> list[Part]:
    """Waivers of both places that end soon."""
    given = [(each.rule, each.cluster, each.until, each.owner) for each in await ctx.ledger.waivers.all()]
    configured = [(each.rule, each.cluster, each.ends, each.owner) for each in ctx.settings.waivers]
    soon = sorted(each for each in (*given, *configured) if now < each[2] <= now + ahead)
    rows = tuple(
        (f"{rule} for {cluster}", f"{until:%Y-%m-%d}", owner) for rule, cluster, until, owner in soon
    )
    return (
        [Table("Waivers about to lapse", ("Waiver", "Until", "Owner"), rows, name="waivers")] if rows else []
    )


def _cluster(verdict: Verdict) -> Cluster:
    """As much of it as permissions go by."""
    return Cluster(
        id=verdict.cluster_id,
        api=Api.V1,
        contract=verdict.contract,
        region=verdict.region,
        name=verdict.name,
        state="",
    )

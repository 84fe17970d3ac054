"""`/pg summary migration`: how far the move to v2 is, what blocks it, and which waivers lapse."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from bot.access.owners import mention_owners
from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.commands.form_layout import InForm
from bot.domain.migration_records import ClusterVerdict
from bot.domain.phrases import format_count
from bot.domain.reply import Chart, Fields, Note, Part, Reply, Table, Text, warn_of_gaps
from bot.domain.times import parse_duration
from handlers.shared.client_view import note_evidence
from handlers.shared.deadline_view import show_deadline
from handlers.shared.list_titles import describe_gaps
from handlers.shared.readiness_check import check_readiness
from handlers.shared.readiness_run import as_cluster, keep_run, read_verdicts
from handlers.shared.summary_parts import name_clusters
from migrations.burn_down import (
    GONE,
    MOVED,
    PENDING,
    REPLACED,
    WINDOW_DAYS,
    BurnDownDay,
    Forecast,
    build_burn_down,
    make_forecast,
)
from migrations.clients import ClientState
from migrations.deadline import reminder_period
from migrations.readiness import Assessment, Readiness, ReadinessReport
from migrations.v2_presence import PresenceState

Names = dict[str, str]
"""Names of clusters, each a different one, by id."""


class SummaryMigrationArguments(Arguments):
    lapse: Annotated[
        str,
        InForm(label="Waivers that expire within", hint="", example="14d"),
        Field(description="Name waivers that expire within this time"),
    ] = "14d"


@command(examples=("summary migration", "summary migration --lapse 30d"))
async def summary_migration(args: SummaryMigrationArguments, ctx: Context) -> Reply:
    """Summarize the migration: blocked clusters, waivers, forecast.

    Meant for a scheduled report, which shows what moved and what is newly blocked. It counts as a run of
    “migration status”, so it feeds the forecast.
    """
    ahead = parse_duration(args.lapse)
    judged = await check_readiness(ctx)
    report = judged.report
    kept = await keep_run(judged, ctx)
    verdicts = [row.verdict for row in kept.rows]
    names = name_clusters(as_cluster(each) for each in verdicts)
    days, expected = await _read_history(ctx)
    expiring = sorted(_find_expiring(report.assessments, names, ctx.now() + ahead, ctx))
    blocked = [each for each in report.assessments if each.readiness is Readiness.BLOCKED]
    parts = warn_of_gaps(report.gaps)
    parts += show_deadline(ctx, [(PENDING, expected)])
    parts += [Fields(_count_verdicts(verdicts)), Text(_describe_outlook(expected)), *_show_chart(days)]
    parts += _show_blocked(blocked, names)
    parts += _show_clients(report.assessments, names)
    parts += note_evidence(report, ctx)
    for standing in (PresenceState.VISIBLE, PresenceState.SUCCESSOR, MOVED, REPLACED, GONE):
        parts += _show_standing(standing, verdicts, names)
    parts += [*await _show_waivers(expiring, ctx), *kept.left_out]
    parts.append(Note("“migration status” lists every cluster. A visible cluster has not necessarily moved."))
    parts += _mention_people([each.owner for each in blocked], [owner for _, _, owner in expiring], ctx)
    outlook = "" if report.is_unread else f"{_describe_day(expected)}{describe_gaps(report.gaps)}"
    title = f"{_make_title(report)}{outlook}"
    return Reply(title, tuple(parts), ok=bool(verdicts) or not report.gaps)


def _mention_people(blocked: Sequence[str | None], expiring: Sequence[str], ctx: Context) -> list[Part]:
    """Return the mentions: with a deadline, owners of blocked clusters are reminded also without news."""
    deadline = ctx.settings.migration.deadline
    if deadline is None:
        return mention_owners((*blocked, *expiring), ctx.settings)
    others = [each for each in expiring if each not in blocked]
    every = reminder_period(deadline, ctx.now().astimezone(UTC).date())
    return [*mention_owners(blocked, ctx.settings, every), *mention_owners(others, ctx.settings)]


def _count_verdicts(verdicts: Sequence[ClusterVerdict]) -> tuple[tuple[str, int], ...]:
    counts = Counter(each.verdict for each in verdicts)
    standings = Counter(each.standing for each in verdicts)
    clients = Counter(each.clients for each in verdicts)
    shown = (*(each.value for each in PresenceState), MOVED, REPLACED, GONE)
    return (
        *(
            (standing.capitalize(), standings[standing])
            for standing in shown
            if standings[standing] or standing not in {PresenceState.SUCCESSOR, REPLACED}
        ),
        *((verdict.value.capitalize(), counts[verdict.value]) for verdict in Readiness),
        *((f"Clients {state}", clients[state]) for state in ClientState),
    )


def _make_title(report: ReadinessReport) -> str:
    assessments = report.assessments
    if not assessments:
        return "v1 could not be read" if report.is_unread else "v1 shows no clusters"
    standings = Counter(each.presence.state for each in assessments)
    said = [f"{standings[each]} {each.value}" for each in PresenceState if standings[each]]
    blocked = sum(1 for each in assessments if each.readiness is Readiness.BLOCKED)
    return f"{format_count(len(assessments), 'v1 cluster')}: {', '.join(said)}; {blocked} blocked"


def _describe_day(expected: Forecast) -> str:
    return f"; none pending by {expected.day:%Y-%m-%d}" if expected.day else ""


def _describe_outlook(expected: Forecast) -> str:
    if expected.day is None:
        return f"No forecast: {expected.why}."
    return f"Forecast: none pending by {expected.day:%Y-%m-%d} ({expected.why})."


async def _read_history(ctx: Context) -> tuple[tuple[BurnDownDay, ...], Forecast]:
    """Return the days of stored runs, and the forecast from them."""
    entries, _ = await read_verdicts(ctx)
    days = await asyncio.to_thread(build_burn_down, entries, ctx.now(), WINDOW_DAYS)
    return days, make_forecast(days, [run.at for run in await ctx.readiness.snapshots.runs()], entries)


def _show_chart(days: Sequence[BurnDownDay]) -> list[Part]:
    """Return the chart; none for a single day, which is not a trend."""
    if len(days) < 2:
        return []
    labels = tuple(f"{each.day:%Y-%m-%d}" for each in days)
    pending = tuple(float(each.pending) for each in days)
    blocked = tuple(float(each.verdicts.get(Readiness.BLOCKED, 0)) for each in days)
    return [Chart("Pending by day", "line", labels, (("pending", pending), ("blocked", blocked)))]


def _show_blocked(blocked: Sequence[Assessment], names: Names) -> list[Part]:
    cells = (
        (names[each.cluster.id], each.worst.rule.id if each.worst else None, each.owner) for each in blocked
    )
    rows = tuple(sorted(cells, key=lambda row: row[0]))
    return [Table("Blocked", ("Cluster", "Worst finding", "Owner"), rows, name="blocked")] if rows else []


def _show_clients(assessments: Sequence[Assessment], names: Names) -> list[Part]:
    """Return the clusters whose clients still use v1, with the first use that shows it."""
    found = [each for each in assessments if each.clients.uses]
    cells = ((names[each.cluster.id], each.clients.lines[0], each.owner) for each in found)
    rows = tuple(sorted(cells, key=lambda row: row[0]))
    columns = ("Cluster", "Evidence", "Owner")
    return [Table("Clients still on v1", columns, rows, name="clients-on-v1")] if rows else []


def _show_standing(standing: str, verdicts: Sequence[ClusterVerdict], names: Names) -> list[Part]:
    cells = ((names[each.cluster_id], each.owner or None) for each in verdicts if each.standing == standing)
    rows = tuple(sorted(cells, key=lambda row: row[0]))
    name = standing.replace(" ", "-")
    return [Table(standing.capitalize(), ("Cluster", "Owner"), rows, name=name)] if rows else []


def _find_expiring(
    assessments: Sequence[Assessment], names: Names, until: datetime, ctx: Context
) -> Iterator[tuple[str, datetime, str]]:
    """Yield subject, end and owner of each waiver in force that expires soon.

    Only those that hold a finding of a cluster back: when the others expire, nothing happens.
    """
    held: dict[str, tuple[datetime, str]] = {}
    for each in assessments:
        for finding in each.findings:
            waiver = finding.waiver
            if waiver is not None and ctx.now() < waiver.until <= until:
                held[f"{waiver.rule} for {names[each.cluster.id]}"] = (waiver.until, waiver.owner)
    yield from ((about, *end) for about, end in held.items())


async def _show_waivers(expiring: Sequence[tuple[str, datetime, str]], ctx: Context) -> list[Part]:
    rows = [
        (about, f"{until:%Y-%m-%d %H:%M} UTC", await ctx.describe_person(owner))
        for about, until, owner in expiring
    ]
    columns = ("Waiver", "Until", "Owner")
    return [Table("Waivers about to expire", columns, tuple(rows), name="waivers")] if rows else []

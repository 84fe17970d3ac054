"""`/pg summary migration`: how far the move to v2 is, what blocks it, and which waivers lapse."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from bot.access.owners import mention_owners
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, command, returns
from bot.domain.cluster import ClusterRef
from bot.domain.phrases import format_count
from bot.domain.reply import Chart, Column, Fields, Note, Part, Reply, Text, show_table, warn_of_gaps
from bot.domain.result import CommandResult
from bot.domain.times import parse_duration
from handlers.shared.burn_down_records import DayCounts, GoalForecast, record_forecast, show_deadline
from handlers.shared.list_titles import describe_gaps
from handlers.shared.readiness_check import (
    ClusterStatus,
    check_readiness,
    keep_run,
    note_evidence,
    note_left_out,
    overview_clients,
    read_verdicts,
)
from handlers.shared.summary_parts import name_clusters
from migrations.burn_down import (
    PENDING,
    STANDINGS,
    WINDOW_DAYS,
    AfterV1,
    BurnDownDay,
    Forecast,
    Standing,
    build_burn_down,
    make_forecast,
    reminder_period,
)
from migrations.clients import ClientState
from migrations.formats.readiness_records import ClientsOverview
from migrations.readiness import Assessment, Readiness, ReadinessReport
from migrations.v2_presence import PresenceState

Names = dict[str, str]
"""Names of clusters, each a different one, by id."""


class SummaryMigrationArguments(Arguments):
    lapse: Annotated[str, InForm(label="Waivers that expire within", hint="", example="14d")] = "14d"
    """Name waivers that expire within this time"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringWaiver:
    """A waiver that holds a finding of a cluster back, and expires soon. `owner` is a Slack user id, or as
    app.yaml has it."""

    rule: str
    cluster: ClusterRef
    until: datetime
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryMigration(CommandResult):
    """Every v1 cluster, and known ones that v1 no longer shows; counts, and the days of the last four weeks.

    `left_out` are known clusters of contracts that app.yaml no longer has.
    """

    clusters: tuple[ClusterStatus, ...]
    expiring_waivers: tuple[ExpiringWaiver, ...]
    standings: dict[Standing, int]
    verdicts: dict[Readiness, int]
    clients: ClientsOverview
    days: tuple[DayCounts, ...]
    forecast: GoalForecast
    read_at: datetime
    deadline: date | None
    left_out: int


@returns(SummaryMigration)
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
    rows, names = kept.rows, name_clusters((each.id, each.name, each.region) for each in kept.rows)
    days, expected = await _read_history(ctx)
    expiring = list(_find_expiring(report.assessments, ctx.now() + ahead, ctx))
    expiring.sort(key=lambda each: (_name_waiver(each, names), each.until, each.owner))
    standings = Counter(each.standing for each in rows)
    verdicts = Counter(each.verdict for each in rows)
    result = SummaryMigration(
        clusters=tuple(sorted(rows, key=lambda each: names[each.id])),
        expiring_waivers=tuple(expiring),
        standings={each: standings[each] for each in STANDINGS},
        verdicts={each: verdicts[each] for each in Readiness},
        clients=overview_clients(report, ctx),
        days=tuple(map(DayCounts.of, days)),
        forecast=record_forecast(ctx, PENDING, expected),
        read_at=report.at,
        deadline=ctx.settings.migration.deadline,
        left_out=kept.left_out,
    )
    parts = warn_of_gaps(report.gaps)
    parts += show_deadline(ctx, [(PENDING, expected)])
    parts += [Fields(_list_counts(result)), Text(_describe_outlook(expected)), *_show_chart(result.days)]
    parts += _show_clusters(result, names)
    parts += note_evidence(report, ctx)
    for standing in (PresenceState.VISIBLE, PresenceState.SUCCESSOR, *AfterV1):
        found = [each for each in result.clusters if each.standing is standing]
        parts += show_table(standing.capitalize(), (_name_column(names), _OWNER), found)
    parts += [*await _show_waivers(expiring, names, ctx), *note_left_out(kept.left_out)]
    parts.append(Note("“migration status” lists every cluster. A visible cluster has not necessarily moved."))
    blocked = [each.owner for each in rows if each.verdict is Readiness.BLOCKED]
    parts += _mention_people(blocked, [each.owner for each in expiring], ctx)
    title = _make_title(report, expected)
    return Reply(title, tuple(parts), ok=bool(rows) or not report.gaps, result=result)


def _mention_people(blocked: Sequence[str | None], expiring: Sequence[str], ctx: Context) -> list[Part]:
    """Return the mentions: with a deadline, owners of blocked clusters are reminded also without news."""
    deadline = ctx.settings.migration.deadline
    if deadline is None:
        return mention_owners((*blocked, *expiring), ctx.settings)
    others = [each for each in expiring if each not in blocked]
    every = reminder_period(deadline, ctx.now().astimezone(UTC).date())
    return [*mention_owners(blocked, ctx.settings, every), *mention_owners(others, ctx.settings)]


def _list_counts(found: SummaryMigration) -> tuple[tuple[str, int], ...]:
    return (
        *(
            (standing.capitalize(), found.standings[standing])
            for standing in STANDINGS
            if found.standings[standing] or standing not in {PresenceState.SUCCESSOR, AfterV1.REPLACED}
        ),
        *((verdict.capitalize(), found.verdicts[verdict]) for verdict in Readiness),
        *((f"Clients {state}", found.clients.verdicts[state]) for state in ClientState),
    )


def _make_title(report: ReadinessReport, expected: Forecast) -> str:
    if report.is_unread:
        return "v1 could not be read"
    title, assessments = "v1 shows no clusters", report.assessments
    if assessments:
        standings = Counter(each.presence.state for each in assessments)
        said = ", ".join(f"{standings[each]} {each.value}" for each in PresenceState if standings[each])
        blocked = sum(1 for each in assessments if each.readiness is Readiness.BLOCKED)
        title = f"{format_count(len(assessments), 'v1 cluster')}: {said}; {blocked} blocked"
    forecast = f"; none pending by {expected.day:%Y-%m-%d}" if expected.day else ""
    return f"{title}{forecast}{describe_gaps(report.gaps)}"


def _describe_outlook(expected: Forecast) -> str:
    if expected.day is None:
        return f"No forecast: {expected.why}."
    return f"Forecast: none pending by {expected.day:%Y-%m-%d} ({expected.why})."


async def _read_history(ctx: Context) -> tuple[tuple[BurnDownDay, ...], Forecast]:
    """Return the days of stored runs, and the forecast from them."""
    entries, _ = await read_verdicts(ctx)
    days = await asyncio.to_thread(build_burn_down, entries, ctx.now(), WINDOW_DAYS)
    return days, make_forecast(days, [run.at for run in await ctx.readiness.snapshots.runs()], entries)


def _show_chart(days: Sequence[DayCounts]) -> list[Part]:
    """Return the chart; none for a single day, which is not a trend."""
    if len(days) < 2:
        return []
    labels = tuple(f"{each.day:%Y-%m-%d}" for each in days)
    pending = tuple(float(each.standings[PresenceState.PENDING]) for each in days)
    blocked = tuple(float(each.verdicts[Readiness.BLOCKED]) for each in days)
    return [Chart("Pending by day", "line", labels, (("pending", pending), ("blocked", blocked)))]


def _show_clusters(found: SummaryMigration, names: Names) -> list[Part]:
    """Return the blocked clusters, and those whose clients still use v1, with the first use that shows it."""
    blocked = [each for each in found.clusters if each.verdict is Readiness.BLOCKED]
    on_v1 = [each for each in found.clusters if each.clients and each.clients.uses]
    return [
        *show_table("Blocked", (_name_column(names), _WORST, _OWNER), blocked),
        *show_table(
            "Clients still on v1", (_name_column(names), _EVIDENCE, _OWNER), on_v1, name="clients-on-v1"
        ),
    ]


def _name_column(names: Names) -> Column[ClusterStatus]:
    return Column("Cluster", cell=lambda each: names[each.id])


def _describe_use(each: ClusterStatus) -> str | None:
    use = next(iter(each.clients.uses if each.clients else ()), None)
    return f"{use.source}: {use.what}" if use else None


_WORST: Column[ClusterStatus] = Column(
    "Worst finding", cell=lambda each: each.worst.rule if each.worst else None
)
_EVIDENCE: Column[ClusterStatus] = Column("Evidence", cell=_describe_use)
_OWNER: Column[ClusterStatus] = Column("Owner", cell=lambda each: each.owner)


def _find_expiring(
    assessments: Sequence[Assessment], until: datetime, ctx: Context
) -> Iterator[ExpiringWaiver]:
    """Yield each waiver in force that expires soon, for each cluster.

    Only those that hold a finding of a cluster back: when the others expire, nothing happens.
    """
    for each in assessments:
        for waiver in (finding.waiver for finding in each.findings):
            if waiver is not None and ctx.now() < waiver.until <= until:
                cluster = ClusterRef.of(each.cluster)
                yield ExpiringWaiver(
                    rule=waiver.rule, cluster=cluster, until=waiver.until, owner=waiver.owner
                )


def _name_waiver(each: ExpiringWaiver, names: Names) -> str:
    return f"{each.rule} for {names[each.cluster.id]}"


async def _show_waivers(expiring: Sequence[ExpiringWaiver], names: Names, ctx: Context) -> list[Part]:
    people = {each.owner: await ctx.describe_person(each.owner) for each in expiring}
    columns: tuple[Column[ExpiringWaiver], ...] = (
        Column("Waiver", cell=lambda each: _name_waiver(each, names)),
        Column("Until", cell=lambda each: f"{each.until:%Y-%m-%d %H:%M} UTC"),
        Column("Owner", cell=lambda each: people[each.owner]),
    )
    return show_table("Waivers about to expire", columns, expiring, name="waivers")

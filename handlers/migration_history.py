"""`/pg migration history`: how many clusters are still pending, day by day, and when none would be."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, command, known_as, returns
from bot.domain.migration_records import ClusterVerdict, StoredVerdict
from bot.domain.phrases import capitalize_first
from bot.domain.reply import Chart, Column, Note, Part, Reply, Table, Text, make_table, wide
from bot.domain.result import CommandResult
from handlers.shared.burn_down_records import DayCounts, GoalForecast, record_forecast, show_deadline
from handlers.shared.readiness_check import note_left_out, read_verdicts
from migrations.burn_down import (
    CLIENTS_OFF_V1,
    PENDING,
    READY_FOR_V2,
    STANDINGS,
    WINDOW_DAYS,
    BurnDownGoal,
    Forecast,
    Standing,
    build_burn_down,
    count_pending,
    latest_verdicts,
    make_forecast,
)
from migrations.clients import ClientState
from migrations.readiness import Readiness
from migrations.v2_presence import PresenceState


class MigrationHistoryArguments(Arguments):
    days: Annotated[int, InForm(hint="Today included."), Field(ge=2, le=366)] = 28
    """Number of days, today included"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingCount:
    """Pending clusters of a region or owner on the first and the last day; the null name is of those whose
    region or owner is not stated."""

    name: str | None
    first_day: int
    last_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationHistory(CommandResult):
    """The days, the newest last; none before the first run. A day without a run repeats the day before.

    `left_out` are known clusters of contracts that app.yaml no longer has.
    """

    days: tuple[DayCounts, ...]
    forecasts: tuple[GoalForecast, ...]
    pending_by_region: tuple[PendingCount, ...]
    pending_by_owner: tuple[PendingCount, ...]
    deadline: date | None
    left_out: int


@returns(MigrationHistory)
@known_as("progress", "forecast", "trend", "burn down")
@command(examples=("migration history", "migration history --days 90"))
async def migration_history(args: MigrationHistoryArguments, ctx: Context) -> Reply:
    """Show pending clusters day by day, and a forecast.

    It also counts clusters that are ready for v2, and clients that have left v1. The data is from runs of
    “migration status” and “summary migration”; a day without a run repeats the day before. The forecast is a
    straight line through the last 28 days. It needs enough runs, and the answer says if there are too few.
    """
    kept, left_out = await read_verdicts(ctx)
    now = ctx.now()
    # A year of thousands of clusters takes a second, in which the bot answers others.
    counted = await asyncio.to_thread(build_burn_down, kept, now, args.days)
    looks = [run.at for run in await ctx.readiness.snapshots.runs()]
    window = await asyncio.to_thread(build_burn_down, kept, now, WINDOW_DAYS)
    goals = (PENDING, READY_FOR_V2, CLIENTS_OFF_V1)
    forecasts = [(goal, make_forecast(window, looks, kept, goal)) for goal in goals]
    days = tuple(map(DayCounts.of, counted))
    result = MigrationHistory(
        days=days,
        forecasts=tuple(record_forecast(ctx, *each) for each in forecasts),
        pending_by_region=_count_groups("region", kept, days),
        pending_by_owner=_count_groups("owner", kept, days),
        deadline=ctx.settings.migration.deadline,
        left_out=left_out,
    )
    if not days:
        step = "The bot keeps one whenever it answers “migration status” or “summary migration”."
        return Reply("No runs yet", (Text(step),), result=result)
    parts: list[Part] = [
        *show_deadline(ctx, forecasts),
        Text("\n".join(_describe_goal(*each) for each in forecasts)),
        _make_chart(days),
        _make_table(days),
        _make_group_table("region", result.pending_by_region, days),
        _make_group_table("owner", result.pending_by_owner, days),
        Note("A pending cluster is not visible in v2. A visible cluster has not necessarily moved."),
        *note_left_out(left_out),
    ]
    return Reply(_make_title(days[-1], forecasts[0][1]), tuple(parts), result=result)


def _make_title(last: DayCounts, expected: Forecast) -> str:
    unclear = last.standings[PresenceState.UNDETERMINED]
    undetermined = f", {unclear} undetermined" if unclear else ""
    pending = last.standings[PresenceState.PENDING]
    return f"{pending} pending{undetermined} on {last.day:%Y-%m-%d}, {_describe_day(expected)}"


def _describe_goal(goal: BurnDownGoal, expected: Forecast) -> str:
    return f"{capitalize_first(goal.name)}: {_describe_day(expected)} ({expected.why})."


def _describe_day(expected: Forecast) -> str:
    return f"none by {expected.day:%Y-%m-%d}" if expected.day else "no forecast"


def _make_chart(days: Sequence[DayCounts]) -> Chart:
    return Chart(
        "Clusters by day",
        "line",
        tuple(f"{each.day:%Y-%m-%d}" for each in days),
        (
            ("pending", tuple(each.standings[PresenceState.PENDING] for each in days)),
            ("blocked", tuple(each.verdicts[Readiness.BLOCKED] for each in days)),
            ("ready", tuple(each.verdicts[Readiness.READY] for each in days)),
            ("clients off v1", tuple(each.clients.verdicts[ClientState.OFF_V1] for each in days)),
        ),
    )


def _make_table(days: Sequence[DayCounts]) -> Table:
    """Return the table of days, the newest first."""
    columns: tuple[Column[DayCounts], ...] = (
        Column("Day", cell=lambda each: f"{each.day:%Y-%m-%d}"),
        *(_count_standing(name) for name in STANDINGS if any(each.standings[name] for each in days)),
        *(_count_verdict(name) for name in Readiness),
        *(_count_clients(name) for name in ClientState),
    )
    return make_table("Burn-down", columns, reversed(days))


def _count_standing(name: Standing) -> Column[DayCounts]:
    is_wide = name is not PresenceState.PENDING
    return Column(name.capitalize(), is_wide=is_wide, cell=lambda each: each.standings[name])


def _count_verdict(name: Readiness) -> Column[DayCounts]:
    is_wide = name not in {Readiness.BLOCKED, Readiness.READY}
    return Column(name.capitalize(), is_wide=is_wide, cell=lambda each: each.verdicts[name])


def _count_clients(name: ClientState) -> Column[DayCounts]:
    return wide(f"Clients {name}", cell=lambda each: each.clients.verdicts[name])


def _count_groups(
    what: Literal["region", "owner"], kept: Sequence[StoredVerdict], days: Sequence[DayCounts]
) -> tuple[PendingCount, ...]:
    """Count pending clusters by region or owner, those with most on the last day first."""
    if not days:
        return ()

    def name_group(verdict: ClusterVerdict) -> str:
        return str(getattr(verdict, what))

    before = count_pending(latest_verdicts(kept, days[0].day), name_group)
    now = count_pending(latest_verdicts(kept, days[-1].day), name_group)
    names = sorted(before | now, key=lambda name: (-now.get(name, 0), name or NOT_STATED))
    return tuple(
        PendingCount(name=name or None, first_day=before.get(name, 0), last_day=now.get(name, 0))
        for name in names
    )


NOT_STATED = "not stated"


def _make_group_table(what: str, counts: Sequence[PendingCount], days: Sequence[DayCounts]) -> Table:
    columns: tuple[Column[PendingCount], ...] = (
        Column(what.capitalize(), cell=lambda each: each.name or NOT_STATED),
        Column(f"On {days[0].day:%Y-%m-%d}", cell=lambda each: each.first_day),
        Column("Now", cell=lambda each: each.last_day),
    )
    return make_table(f"Pending by {what}", columns, counts)

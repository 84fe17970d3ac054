"""`/pg migration history`: how many clusters are still pending, day by day, and when none would be."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, known_as
from bot.commands.form_layout import InForm
from bot.domain.migration_records import StoredVerdict
from bot.domain.reply import Cell, Chart, Column, Note, Part, Reply, Table, Text, wide
from handlers.shared.deadline_view import show_deadline
from handlers.shared.readiness_run import read_verdicts
from migrations.burn_down import (
    CLIENTS_OFF_V1,
    GONE,
    MOVED,
    PENDING,
    READY_FOR_V2,
    REPLACED,
    WINDOW_DAYS,
    BurnDownDay,
    BurnDownGoal,
    Forecast,
    build_burn_down,
    count_pending,
    latest_verdicts,
    make_forecast,
)
from migrations.clients import ClientState
from migrations.readiness import Readiness
from migrations.v2_presence import PresenceState

_SHOWN = (
    PresenceState.PENDING.value,
    PresenceState.VISIBLE.value,
    PresenceState.SUCCESSOR.value,
    PresenceState.UNDETERMINED.value,
    MOVED,
    REPLACED,
    GONE,
)


class MigrationHistoryArguments(Arguments):
    days: Annotated[
        int, InForm(hint="Today included."), Field(ge=2, le=366, description="Number of days, today included")
    ] = 28


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
    days = await asyncio.to_thread(build_burn_down, kept, now, args.days)
    if not days:
        step = "The bot keeps one whenever it answers “migration status” or “summary migration”."
        return Reply("No runs yet", (Text(step),))
    looks = [run.at for run in await ctx.readiness.snapshots.runs()]
    window = await asyncio.to_thread(build_burn_down, kept, now, WINDOW_DAYS)
    expected = make_forecast(window, looks, kept)
    others = [(goal, make_forecast(window, looks, kept, goal)) for goal in (READY_FOR_V2, CLIENTS_OFF_V1)]
    when = _describe_day(expected)
    parts: list[Part] = [
        *show_deadline(ctx, [(PENDING, expected), *others]),
        Text("\n".join(_describe_goal(*each) for each in ((PENDING, expected), *others))),
        _make_chart(days),
        _make_table(days),
        _make_group_table("region", kept, days),
        _make_group_table("owner", kept, days),
        Note("A pending cluster is not visible in v2. A visible cluster has not necessarily moved."),
        *left_out,
    ]
    unclear = f", {days[-1].undetermined} undetermined" if days[-1].undetermined else ""
    return Reply(f"{days[-1].pending} pending{unclear} on {days[-1].day:%Y-%m-%d}, {when}", tuple(parts))


def _describe_goal(goal: BurnDownGoal, expected: Forecast) -> str:
    name = goal.name[0].upper() + goal.name[1:]
    return f"{name}: {_describe_day(expected)} ({expected.why})."


def _describe_day(expected: Forecast) -> str:
    return f"none by {expected.day:%Y-%m-%d}" if expected.day else "no forecast"


def _make_chart(days: Sequence[BurnDownDay]) -> Chart:
    return Chart(
        "Clusters by day",
        "line",
        tuple(f"{each.day:%Y-%m-%d}" for each in days),
        (
            ("pending", tuple(each.pending for each in days)),
            ("blocked", tuple(each.verdicts.get(Readiness.BLOCKED, 0) for each in days)),
            ("ready", tuple(each.verdicts.get(Readiness.READY, 0) for each in days)),
            ("clients off v1", tuple(each.clients.get(ClientState.OFF_V1, 0) for each in days)),
        ),
    )


def _make_table(days: Sequence[BurnDownDay]) -> Table:
    """Return the table of days, the newest first."""
    standings = [name for name in _SHOWN if any(each.standings.get(name) for each in days)]
    verdicts = [each.value for each in Readiness]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            f"{each.day:%Y-%m-%d}",
            *(each.standings.get(name, 0) for name in standings),
            *(each.verdicts.get(name, 0) for name in verdicts),
            *(each.clients.get(state, 0) for state in ClientState),
        )
        for each in reversed(days)
    )
    narrow = {PresenceState.PENDING.value, Readiness.BLOCKED.value, Readiness.READY.value}
    names = (*standings, *verdicts)
    columns: tuple[str | Column[Any], ...] = (
        "Day",
        *(Column(name.capitalize(), is_wide=name not in narrow) for name in names),
        *(wide(f"Clients {state}") for state in ClientState),
    )
    return Table("Burn-down", columns, rows, name="burn-down")


def _make_group_table(what: str, kept: Sequence[StoredVerdict], days: Sequence[BurnDownDay]) -> Table:
    """Return pending clusters by region or owner: on the first day shown, and now."""

    def name_group(verdict: object) -> str:
        return str(getattr(verdict, what)) or "not stated"

    before = count_pending(latest_verdicts(kept, days[0].day), name_group)
    now = count_pending(latest_verdicts(kept, days[-1].day), name_group)
    names = sorted(before | now, key=lambda name: (-now.get(name, 0), name))
    rows = tuple((name, before.get(name, 0), now.get(name, 0)) for name in names)
    columns: tuple[Column[Any] | str, ...] = (what.capitalize(), f"On {days[0].day:%Y-%m-%d}", "Now")
    return Table(f"Pending by {what}", columns, rows, name=f"pending-by-{what}")

"""`/pg migration history`: how many clusters are still pending, day by day, and when none would be."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.domain.migration_records import StoredVerdict
from bot.domain.reply import Cell, Chart, Note, Part, Reply, Table, Text
from handlers.shared.readiness_run import read_verdicts
from migrations.burn_down import (
    GONE,
    MOVED,
    REPLACED,
    WINDOW_DAYS,
    BurnDownDay,
    build_burn_down,
    count_pending,
    latest_verdicts,
    make_forecast,
)
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
    days: Annotated[int, Field(ge=2, le=366, description="So many days, today included")] = 28


@command(examples=("migration history", "migration history --days 90"))
async def migration_history(args: MigrationHistoryArguments, ctx: Context) -> Reply:
    """Show the burn-down: pending clusters day by day, and a forecast.

    Made of the runs of “migration status” and “summary migration” alone: a day on which nobody looked shows
    what was known before. The forecast is a straight line through the last 28 days, and says when it cannot
    tell.
    """
    kept, left_out = await read_verdicts(ctx)
    now = ctx.now()
    # A year of thousands of clusters takes a second, in which the bot answers others.
    days = await asyncio.to_thread(build_burn_down, kept, now, args.days)
    if not days:
        step = f"{ctx.invocation.line} migration status makes the first entry."
        return Reply("Nothing has been looked at yet", (Text(step),))
    looks = [run.at for run in await ctx.readiness.snapshots.runs()]
    window = await asyncio.to_thread(build_burn_down, kept, now, WINDOW_DAYS)
    expected = make_forecast(window, looks, kept)
    when = f"none by {expected.day:%Y-%m-%d}" if expected.day else "no forecast"
    parts: list[Part] = [
        Text(f"Forecast: {when} ({expected.why})."),
        _make_chart(days),
        _make_table(days),
        _make_group_table("region", kept, days),
        _make_group_table("owner", kept, days),
        Note("Pending: v2 does not show the cluster. Being visible in v2 does not prove that it has moved."),
        *left_out,
    ]
    unclear = f", {days[-1].undetermined} undetermined" if days[-1].undetermined else ""
    return Reply(f"{days[-1].pending} pending{unclear} on {days[-1].day:%Y-%m-%d}, {when}", tuple(parts))


def _make_chart(days: Sequence[BurnDownDay]) -> Chart:
    return Chart(
        "Clusters by day",
        "line",
        tuple(f"{each.day:%Y-%m-%d}" for each in days),
        (
            ("pending", tuple(each.pending for each in days)),
            ("blocked", tuple(each.verdicts.get(Readiness.BLOCKED, 0) for each in days)),
            ("ready", tuple(each.verdicts.get(Readiness.READY, 0) for each in days)),
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
        )
        for each in reversed(days)
    )
    columns = ("Day", *(name.capitalize() for name in (*standings, *verdicts)))
    return Table("Burn-down", columns, rows, name="burn-down")


def _make_group_table(what: str, kept: Sequence[StoredVerdict], days: Sequence[BurnDownDay]) -> Table:
    """Return pending clusters by region or owner: on the first day shown, and now."""

    def name_group(verdict: object) -> str:
        return str(getattr(verdict, what)) or "not stated"

    before = count_pending(latest_verdicts(kept, days[0].day), name_group)
    now = count_pending(latest_verdicts(kept, days[-1].day), name_group)
    names = sorted(before | now, key=lambda name: (-now.get(name, 0), name))
    rows = tuple((name, before.get(name, 0), now.get(name, 0)) for name in names)
    columns = (what.capitalize(), f"On {days[0].day:%Y-%m-%d}", "Now")
    return Table(f"Pending by {what}", columns, rows, name=f"pending-by-{what}")

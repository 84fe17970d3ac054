"""`/pg report list`: the reports there are, and when they come."""

from collections.abc import Mapping
from typing import Any

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as
from bot.domain.phrases import format_count, join_names
from bot.domain.reply import Cell, Column, Note, Part, Reply, Table, Text, wide
from bot.reports.message import format_local
from bot.reports.record import Report, ReportStatus, Slot, SlotState
from handlers.shared.report_lookup import list_reports

COLUMNS: tuple[Column[Any] | str, ...] = (
    "Name",
    "Next",
    "Last",
    "Channel",
    wide("Command"),
    wide("When"),
    wide("Zone"),
    wide("Owner"),
)


@known_as("schedules", "digest")
@headline(Task.REPORT)
@command(examples=("report list",))
async def report_list(_args: Arguments, ctx: Context) -> Reply:
    """List scheduled reports with their next and last runs.

    Reports in app.yaml are changed there, and are listed separately from those made in Slack.
    """
    found = await list_reports(ctx)
    if not found:
        words = f"`{ctx.invocation.line} report add` schedules one. You can also add reports to app.yaml."
        return Reply("No reports are scheduled yet", (Text(words),))
    standings, last = await ctx.reports.rows.standings(), await ctx.reports.rows.last_slots()
    rows: dict[bool, list[tuple[Cell, ...]]] = {True: [], False: []}
    for each in found:
        standing = standings.get(each.name) or ReportStatus(name=each.name)
        rows[each.is_from_file].append(await _make_row(each, standing, last.get(each.name), ctx))
    parts: list[Part] = []
    if rows[True]:
        parts.append(Table("In app.yaml", COLUMNS, tuple(rows[True]), name="reports-in-app-yaml"))
    if rows[False]:
        parts.append(Table("Made in Slack", COLUMNS, tuple(rows[False]), name="reports-made-in-slack"))
    parts += await _note_hidden(found, ctx)
    parts.append(Note("“report show NAME” shows the details of a report."))
    return Reply(_make_title(found, standings, last, ctx), tuple(parts))


def _make_title(
    found: list[Report], standings: Mapping[str, ReportStatus], last: Mapping[str, Slot], ctx: Context
) -> str:
    """Return how many reports there are, and how many are paused or failed last time."""
    paused = sum(
        1 for each in found if each.name in standings and standings[each.name].skip_reason(ctx.now())
    )
    failed = sum(1 for each in found if each.name in last and last[each.name].state is SlotState.FAILED)
    counts = {"failed last time": failed, "paused": paused, "scheduled": len(found) - paused}
    said = ", ".join(f"{number} {words}" for words, number in counts.items() if number)
    return f"{format_count(len(found), 'report')}: {said}"


async def _note_hidden(found: list[Report], ctx: Context) -> list[Part]:
    """Name the reports made in Slack that one of the same name in app.yaml hides."""
    names = {each.name for each in found if each.is_from_file}
    hidden = [each.name for each in await ctx.reports.rows.made_in_slack() if each.name in names]
    if not hidden:
        return []
    return [Note(f"Made in Slack, but replaced by app.yaml's with the same name: {join_names(hidden)}.")]


async def _make_row(
    report: Report, standing: ReportStatus, last: Slot | None, ctx: Context
) -> tuple[Cell, ...]:
    setting = report.setting
    return (
        report.name,
        standing.skip_reason(ctx.now()) or ctx.reports.describe_next_times(report),
        f"{last.state.label} {format_local(report, last.at)}" if last else None,
        setting.channel,
        setting.command,
        setting.when,
        setting.zone,
        await ctx.describe_person(setting.owner),
    )

"""`/pg report list`: the reports there are, and when they come."""

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as
from bot.domain.phrases import format_count, join_names
from bot.domain.reply import Cell, Note, Part, Reply, Table, Text
from bot.reports.message import format_local
from bot.reports.record import Report, ReportStatus, Slot
from handlers.shared.report_lookup import list_reports

COLUMNS = ("Name", "Command", "When", "Zone", "Channel", "Next", "Last", "Owner")


@known_as("schedules", "digest")
@headline(Task.REPORT)
@command(examples=("report list",))
async def report_list(_args: Arguments, ctx: Context) -> Reply:
    """List scheduled reports: when each comes, where, and how the last one went.

    Those of app.yaml are changed there; those made in Slack stand apart from them.
    """
    found = await list_reports(ctx)
    if not found:
        words = "“report add” makes one, and so does a line under reports in app.yaml."
        return Reply("There are no reports", (Text(words),))
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
    parts.append(Note("“report show” with a name says everything about one."))
    counted = f"{len(rows[True])} in app.yaml, {len(rows[False])} made in Slack"
    title = f"{format_count(len(found), 'report')}: {counted}"
    return Reply(title, tuple(parts))


async def _note_hidden(found: list[Report], ctx: Context) -> list[Part]:
    """Name the reports made in Slack that one of the same name in app.yaml hides."""
    names = {each.name for each in found if each.is_from_file}
    hidden = [each.name for each in await ctx.reports.rows.made_in_slack() if each.name in names]
    if not hidden:
        return []
    return [Note(f"Made in Slack and hidden by app.yaml's of the same name: {join_names(hidden)}.")]


async def _make_row(
    report: Report, standing: ReportStatus, last: Slot | None, ctx: Context
) -> tuple[Cell, ...]:
    setting = report.setting
    return (
        report.name,
        setting.command,
        setting.when,
        setting.zone,
        setting.channel,
        standing.skip_reason(ctx.now()) or ctx.reports.describe_next_times(report),
        f"{last.state} {format_local(report, last.at)}" if last else None,
        await ctx.describe_person(setting.owner),
    )

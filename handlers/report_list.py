"""`/pg report list`: the reports there are, and when they come."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as, returns
from bot.domain.phrases import format_count, join_names
from bot.domain.reply import Column, Note, Part, Reply, Text, make_table, wide
from bot.domain.result import CommandResult
from bot.reports.message import format_local
from bot.reports.record import Report, ReportStatus, Slot
from handlers.shared.report_lookup import list_reports
from handlers.shared.report_view import ReportView, view_report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportList(CommandResult):
    """The reports: first those of app.yaml, then those made in Slack."""

    reports: tuple[ReportView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReportRow:
    """A report with the words of its row, in its own time zone."""

    view: ReportView
    next: str
    last: str | None
    owner: str


_COLUMNS: tuple[Column[_ReportRow], ...] = (
    Column("Name", cell=lambda each: each.view.name),
    Column("Next", cell=lambda each: each.next),
    Column("Last", cell=lambda each: each.last),
    Column("Channel", cell=lambda each: each.view.channel),
    wide("Command", cell=lambda each: each.view.command),
    wide("When", cell=lambda each: each.view.schedule),
    wide("Zone", cell=lambda each: each.view.time_zone),
    wide("Owner", cell=lambda each: each.owner),
)


@returns(ReportList)
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
        return Reply("No reports are scheduled yet", (Text(words),), result=ReportList(reports=()))
    standings, last = await ctx.reports.rows.standings(), await ctx.reports.rows.last_slots()
    listed = [await _view_row(each, standings.get(each.name), last.get(each.name), ctx) for each in found]
    from_file = [each for each in listed if each.view.is_in_app_yaml]
    made = [each for each in listed if not each.view.is_in_app_yaml]
    parts: list[Part] = []
    if from_file:
        parts.append(make_table("In app.yaml", _COLUMNS, from_file, name="reports-in-app-yaml"))
    if made:
        parts.append(make_table("Made in Slack", _COLUMNS, made, name="reports-made-in-slack"))
    parts += await _note_hidden(found, ctx)
    parts.append(Note("“report show NAME” shows the details of a report."))
    views = tuple(each.view for each in (*from_file, *made))
    return Reply(_make_title(views), tuple(parts), result=ReportList(reports=views))


def _make_title(views: tuple[ReportView, ...]) -> str:
    """Return how many reports there are, and how many are paused or failed last time."""
    paused = sum(1 for each in views if each.pause_reason)
    failed = sum(1 for each in views if each.last_run and each.last_run.state == "failed")
    counts = {"failed last time": failed, "paused": paused, "scheduled": len(views) - paused}
    said = ", ".join(f"{number} {words}" for words, number in counts.items() if number)
    return f"{format_count(len(views), 'report')}: {said}"


async def _note_hidden(found: list[Report], ctx: Context) -> list[Part]:
    """Name the reports made in Slack that one of the same name in app.yaml hides."""
    names = {each.name for each in found if each.is_from_file}
    hidden = [each.name for each in await ctx.reports.rows.made_in_slack() if each.name in names]
    if not hidden:
        return []
    return [Note(f"Made in Slack, but replaced by app.yaml's with the same name: {join_names(hidden)}.")]


async def _view_row(
    report: Report, status: ReportStatus | None, last: Slot | None, ctx: Context
) -> _ReportRow:
    view = await view_report(report, ctx, status, last)
    return _ReportRow(
        view=view,
        next=view.pause_reason or ctx.reports.describe_next_times(report),
        last=f"{last.state.label} {format_local(report, last.at)}" if last else None,
        owner=await ctx.describe_person(report.setting.owner),
    )

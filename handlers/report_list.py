"""`/pg report list`: the reports there are, and when they come."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Task, command, headline, known_as, returns
from bot.domain.phrases import format_count, join_names
from bot.domain.reply import Column, Note, Part, Reply, Text, show_table, wide
from bot.domain.result import CommandResult
from bot.reports.message import format_local
from bot.reports.record import Report
from handlers.shared.report_view import ReportView, list_reports, view_report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportList(CommandResult):
    """The reports: first those of app.yaml, then those made in Slack."""

    reports: tuple[ReportView, ...]


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
    listed = [await view_report(each, ctx, standings.get(each.name), last.get(each.name)) for each in found]
    columns = _list_columns({each.name: each for each in found}, ctx)
    from_file = [each for each in listed if each.is_in_app_yaml]
    made = [each for each in listed if not each.is_in_app_yaml]
    parts = show_table("In app.yaml", columns, from_file, name="reports-in-app-yaml")
    parts += show_table("Made in Slack", columns, made, name="reports-made-in-slack")
    parts += await _note_hidden(found, ctx)
    parts.append(Note("“report show NAME” shows the details of a report."))
    views = (*from_file, *made)
    return Reply(_make_title(views), tuple(parts), result=ReportList(reports=views))


def _list_columns(reports: Mapping[str, Report], ctx: Context) -> tuple[Column[ReportView], ...]:
    """Return the columns; times are in each report's own zone."""

    def describe_next(view: ReportView) -> str:
        return view.pause_reason or ctx.reports.describe_next_times(reports[view.name])

    def describe_last(view: ReportView) -> str | None:
        run = view.last_run
        return f"{run.state} {format_local(reports[view.name], run.scheduled_at)}" if run else None

    def describe_owner(view: ReportView) -> str:
        return f"{view.owner.name} ({view.owner.id})" if view.owner.name else view.owner.id

    return (
        Column("Name", cell=lambda each: each.name),
        Column("Next", cell=describe_next),
        Column("Last", cell=describe_last),
        Column("Channel", cell=lambda each: each.channel),
        wide("Command", cell=lambda each: each.command),
        wide("When", cell=lambda each: each.schedule),
        wide("Zone", cell=lambda each: each.time_zone),
        wide("Owner", cell=describe_owner),
    )


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

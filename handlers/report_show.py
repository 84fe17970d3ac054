"""`/pg report show`: everything about one report, and buttons to change it."""

from dataclasses import dataclass
from datetime import datetime

from bot.commands.context import Context
from bot.commands.declaration import command, returns
from bot.commands.tokenizer import quote_word
from bot.domain.reply import Choice, Choices, Column, Fields, Note, Part, Reply, show_table
from bot.domain.result import CommandResult
from bot.domain.times import format_span
from bot.reports.message import format_local
from bot.reports.record import Report, ReportStatus
from handlers.shared.report_view import ReportArguments, ReportRunView, ReportView, find_report, read_report

COMING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportShow(CommandResult):
    """A report with its next runs, none where `next_run_at` is null, and its last ones from the newest."""

    report: ReportView
    next_runs: tuple[datetime, ...]
    runs: tuple[ReportRunView, ...]


@returns(ReportShow)
@command(examples=("report show morning",))
async def report_show(args: ReportArguments, ctx: Context) -> Reply:
    """Show a report: settings, the next five runs and the last ones."""
    report = await find_report(args.report, ctx)
    standing = (await ctx.reports.rows.standings()).get(report.name) or ReportStatus(name=report.name)
    slots = await ctx.reports.rows.latest(report.name)
    columns: tuple[Column[ReportRunView], ...] = (
        Column("Time", cell=lambda run: format_local(report, run.scheduled_at)),
        Column("Result", cell=lambda run: run.state),
        Column("Reason", cell=lambda run: run.reason),
        Column("Attempts", cell=lambda run: run.attempts or None),
    )
    runs = tuple(map(ReportRunView.of, slots))
    parts: list[Part] = [Fields(await _list_facts(report, standing, ctx))]
    parts += show_table("Recent runs", columns, runs, name="slots")
    parts.append(Choices(_offer_choices(report, standing, ctx)))
    if report.is_from_file:
        parts.append(Note("This report is defined in app.yaml; change it there."))
    result = ReportShow(
        report=await read_report(report, ctx),
        next_runs=ctx.reports.find_next_runs(report, standing, COMING),
        runs=runs,
    )
    return Reply(f"Report {report.name}", tuple(parts), result=result)


async def _list_facts(
    report: Report, standing: ReportStatus, ctx: Context
) -> tuple[tuple[str, str | None], ...]:
    setting, hours, created = report.setting, report.setting.hours, "in app.yaml"
    if not report.is_from_file:
        at = f", {format_local(report, report.at)}" if report.at else ""
        created = f"by {await ctx.describe_person(report.by)}{at}"
    return (
        ("Command", setting.command),
        ("When", f"{setting.when} ({setting.zone})"),
        ("Understood as", setting.schedule_words),
        ("Channel", setting.channel),
        ("Owner", await ctx.describe_person(setting.owner)),
        ("Reason", setting.reason or None),
        ("Created", created),
        ("Missed runs", setting.late.value),
        ("Random start within", format_span(setting.spread) if setting.jitter else None),
        ("Hours", f"{', '.join(hours.days)}, {hours.since} to {hours.until}" if hours else None),
        ("Holidays", setting.holidays),
        ("Sections", ", ".join(setting.sections) or "all"),
        ("State", standing.skip_reason(ctx.now()) or "runs on schedule"),
        ("Muted", ", ".join(standing.muted) or None),
        ("Next runs", ctx.reports.describe_next_times(report, COMING)),
        ("Holidays skipped", ctx.reports.describe_skipped(setting, COMING)),
    )


def _offer_choices(report: Report, standing: ReportStatus, ctx: Context) -> tuple[Choice, ...]:
    name = report.name
    first = Choice("Pause", f"report pause {name}")
    if standing.skip_reason(ctx.now()):
        first = Choice("Resume", f"report resume {name}", primary=True)
    unmute = [
        Choice(f"Unmute “{each}”", f"report mute {name} {quote_word(each)} --off") for each in standing.muted
    ]
    return (
        first,
        Choice("Preview", f"report preview {name}"),
        Choice("Run now", f"report run {name}"),
        *unmute,
    )

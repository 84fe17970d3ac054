"""`/pg report remove`: end a report that was made in Slack."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import command, known_as, returns
from bot.domain.errors import Denied
from bot.domain.reply import Note, Reply
from bot.domain.result import CommandResult
from handlers.shared.report_view import ReportArguments, ReportView, find_report, read_report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRemove(CommandResult):
    """A report that was removed, as it stood before."""

    report: ReportView


@returns(ReportRemove)
@known_as("unsubscribe", "unschedule")
@command(writes=True, examples=("report remove backups-weekly",))
async def report_remove(args: ReportArguments, ctx: Context) -> Reply:
    """Remove a report that was made in Slack; its messages stay."""
    report = await find_report(args.report, ctx)
    if report.is_from_file:
        raise Denied(
            f"{report.name} is defined in app.yaml, so it can only be removed there.",
            f"“report pause {report.name}” stops it until someone resumes it.",
        )
    result = ReportRemove(report=await read_report(report, ctx))
    await ctx.reports.rows.remove(report.name)
    note = Note(f"It ran “{report.setting.command}” on this schedule: {report.setting.when}.")
    return Reply(f"{report.name} was removed", (note,), result=result)

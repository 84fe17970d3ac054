"""`/pg report remove`: end a report that was made in Slack."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, known_as, returns
from bot.domain.errors import Denied
from bot.domain.reply import Note, Reply
from bot.domain.result import CommandResult
from handlers.shared.argument_types import ReportName
from handlers.shared.report_lookup import find_report
from handlers.shared.report_view import ReportView, read_report


class ReportRemoveArguments(Arguments):
    report: ReportName


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRemove(CommandResult):
    """A report that was removed, as it stood before."""

    report: ReportView


@returns(ReportRemove)
@known_as("unsubscribe", "unschedule")
@command(writes=True, examples=("report remove backups-weekly",))
async def report_remove(args: ReportRemoveArguments, ctx: Context) -> Reply:
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

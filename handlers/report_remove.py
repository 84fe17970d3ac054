"""`/pg report remove`: end a report that was made in Slack."""

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command, known_as
from bot.domain.command_info import CommandEffect
from bot.domain.errors import Denied
from bot.domain.reply import Note, Reply
from handlers.shared.argument_types import ReportName
from handlers.shared.report_lookup import find_report


class ReportRemoveArguments(Arguments):
    report: ReportName


@known_as("unsubscribe", "unschedule")
@command(effect=CommandEffect.WRITE, examples=("report remove backups-weekly",))
async def report_remove(args: ReportRemoveArguments, ctx: Context) -> Reply:
    """Remove a report that was made in Slack; its messages stay."""
    report = await find_report(args.report, ctx)
    if report.is_from_file:
        raise Denied(
            f"{report.name} is defined in app.yaml, so it can only be removed there.",
            f"“report pause {report.name}” stops it until someone resumes it.",
        )
    await ctx.reports.rows.remove(report.name)
    setting = report.setting
    return Reply(
        f"{report.name} was removed", (Note(f"It ran “{setting.command}” on this schedule: {setting.when}."),)
    )

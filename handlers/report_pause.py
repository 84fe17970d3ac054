"""`/pg report pause`: make a report no more until somebody resumes it."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, command, known_as, returns
from bot.domain.reply import Choice, Choices, Reply
from bot.reports.record import person_name
from handlers.shared.report_view import ReportArguments, ReportResult, find_report


class ReportPauseArguments(ReportArguments):
    reason: Annotated[str, InForm(hint="Shown with the report.")] = ""
    """Reason, shown with the report"""


@returns(ReportResult)
@known_as("stop", "disable")
@command(writes=True, repeatable=True, examples=('report pause morning --reason "moving offices"',))
async def report_pause(args: ReportPauseArguments, ctx: Context) -> Reply:
    """Pause a report until someone resumes it.

    Runs that are due while it is paused are skipped.
    """
    report = await find_report(args.report, ctx)
    why = f"paused by {person_name(ctx.invocation)}" + (f": {args.reason}" if args.reason else "")
    await ctx.reports.rows.stand(report.name, paused=why)
    resume = Choices((Choice("Resume", f"report resume {report.name}"),))
    return Reply(f"{report.name} is {why}", (resume,), result=await ReportResult.of(report, ctx))

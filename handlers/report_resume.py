"""`/pg report resume`: end a pause or a snooze."""

from bot.commands.context import Context
from bot.commands.declaration import command, returns
from bot.domain.reply import Note, Reply
from handlers.shared.report_view import ReportArguments, ReportResult, find_report


@returns(ReportResult)
@command(writes=True, repeatable=True, examples=("report resume morning",))
async def report_resume(args: ReportArguments, ctx: Context) -> Reply:
    """Resume a report that is paused or snoozed."""
    report = await find_report(args.report, ctx)
    await ctx.reports.rows.stand(report.name, paused="", snoozed_until=None, snoozed="")
    ctx.reports.waker()
    note = Note(f"Next run: {ctx.reports.describe_next_times(report)}")
    result = await ReportResult.of(report, ctx)
    return Reply(f"{report.name} runs on schedule again", (note,), result=result)

"""`/pg report run`: make a report now, in its channel."""

from dataclasses import dataclass

from bot.commands.context import Context
from bot.commands.declaration import command, returns
from bot.commands.parser import parse
from bot.domain.errors import BadArgument, InputError
from bot.domain.reply import Note, Reply
from bot.domain.result import CommandResult
from bot.reports.record import Report, Slot, person_name
from handlers.shared.report_view import ReportArguments, ReportRunView, ReportView, find_report, read_report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRun(CommandResult):
    """A run of a report that a person started. `is_new`: this command has started it."""

    report: ReportView
    run: ReportRunView
    is_new: bool


@returns(ReportRun)
@command(writes=True, examples=("report run morning",))
async def report_run(args: ReportArguments, ctx: Context) -> Reply:
    """Run a report now and post it in its channel, even if it is paused."""
    report = await find_report(args.report, ctx)
    if _asks_for_a_change(report, ctx):
        raise BadArgument(
            f"{report.name} requests a change for its owner, so it only runs on schedule.",
            f"Request the change yourself: “{report.setting.command}”.",
        )
    asked = [
        each for each in await ctx.reports.rows.open_slots() if each.report == report.name and each.asked_by
    ]
    view = await read_report(report, ctx)
    if asked:
        result = ReportRun(report=view, run=ReportRunView.of(asked[0]), is_new=False)
        return Reply(f"{report.name} is already running: {asked[0].asked_by} started it", result=result)
    now = ctx.now()
    slot = Slot(report=report.name, at=now, due_at=now, asked_by=person_name(ctx.invocation))
    await ctx.reports.rows.ask(slot)
    ctx.reports.waker()
    return Reply(
        f"{report.name} is running, and will be posted in {report.setting.channel}",
        (Note("If the bot is down, the report is posted after the next start."),),
        result=ReportRun(report=view, run=ReportRunView.of(slot), is_new=True),
    )


def _asks_for_a_change(report: Report, ctx: Context) -> bool:
    try:
        return parse(report.setting.command, ctx.registry).command.change is not None
    except InputError:
        return False  # a command that is gone: making the report says so where it is read

"""`/pg report run`: make a report now, in its channel."""

from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.commands.parser import parse
from bot.domain.command_info import CommandEffect
from bot.domain.errors import BadArgument, InputError
from bot.domain.reply import Note, Reply
from bot.reports.record import Report, Slot, person_name
from handlers.shared.argument_types import ReportName
from handlers.shared.report_lookup import find_report


class ReportRunArguments(Arguments):
    report: ReportName


@command(effect=CommandEffect.WRITE, examples=("report run morning",))
async def report_run(args: ReportRunArguments, ctx: Context) -> Reply:
    """Make a report now and post it in its channel, whether it is paused or not."""
    report = await find_report(args.report, ctx)
    if _asks_for_a_change(report, ctx):
        raise BadArgument(
            f"{report.name} asks for a change in its owner's name, and that only at its times.",
            f"Ask for it in your own: “{report.setting.command}”.",
        )
    asked = [
        each for each in await ctx.reports.rows.open_slots() if each.report == report.name and each.asked_by
    ]
    if asked:
        return Reply(f"{report.name} is being made already: {asked[0].asked_by} asked for it")
    now = ctx.now()
    await ctx.reports.rows.ask(
        Slot(report=report.name, at=now, due_at=now, asked_by=person_name(ctx.invocation))
    )
    ctx.reports.waker()
    return Reply(
        f"{report.name} is being made, and comes in {report.setting.channel}",
        (Note("The bot makes it as soon as it runs; nobody else has to do anything."),),
    )


def _asks_for_a_change(report: Report, ctx: Context) -> bool:
    try:
        return parse(report.setting.command, ctx.registry).command.change is not None
    except InputError:
        return False  # a command that is gone: making the report says so where it is read

"""`/pg report mute`: leave a section out of a report."""

from typing import Annotated

from pydantic import Field

from bot.command import Arguments, Effect, Positional, command
from bot.context import Context
from bot.reply import Choice, Choices, Note, Reply
from bot.reports.record import Standing


class ReportMuteArguments(Arguments):
    """Which section of which report."""

    report: Annotated[str, Positional(), Field(description="Name of the report")]
    section: Annotated[str, Positional(rest=True), Field(description="Heading of the section")]
    off: Annotated[bool, Field(description="Show it again")] = False


@command(
    effect=Effect.WRITE,
    repeatable=True,
    examples=('report mute morning "Not AVAILABLE"', 'report mute morning "Not AVAILABLE" --off'),
)
async def report_mute(args: ReportMuteArguments, ctx: Context) -> Reply:
    """Leave a section out of a report from now on: its table, its chart, and what is new in it."""
    report = await ctx.reports.find(args.report)
    standing = (await ctx.reports.rows.standings()).get(report.name) or Standing(name=report.name)
    others = tuple(each for each in standing.muted if each.casefold() != args.section.casefold())
    muted = others if args.off else (*others, args.section)
    await ctx.reports.rows.stand(report.name, muted=muted)
    words = "shows" if args.off else "leaves out"
    choices = Choices((Choice("Settings", f"report show {report.name}"),))
    note = Note(
        "The next report says nothing of it being new or gone." if args.off else "Everybody is spared it."
    )
    return Reply(f"{report.name} {words} “{args.section}”", (note, choices))

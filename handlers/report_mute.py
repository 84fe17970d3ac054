"""`/pg report mute`: leave a section out of a report."""

from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, Positional, command, returns
from bot.commands.tokenizer import quote_word
from bot.domain.reply import Choice, Choices, Note, Part, Reply
from bot.reports.record import Report, ReportStatus
from handlers.shared.report_view import ReportArguments, ReportResult, find_report


class ReportMuteArguments(ReportArguments):
    section: Annotated[str, Positional(rest=True), InForm(hint="Heading of the table.")]
    """Heading of the section"""
    off: Annotated[bool, InForm(label="Show it again", hint="")] = False
    """Show the section again"""


@returns(ReportResult)
@command(
    writes=True,
    repeatable=True,
    examples=('report mute morning "Not AVAILABLE"', 'report mute morning "Not AVAILABLE" --off'),
)
async def report_mute(args: ReportMuteArguments, ctx: Context) -> Reply:
    """Hide a section of a report: its table or chart, and its news."""
    report = await find_report(args.report, ctx)
    standing = (await ctx.reports.rows.standings()).get(report.name) or ReportStatus(name=report.name)
    others = tuple(each for each in standing.muted if each.casefold() != args.section.casefold())
    muted = others if args.off else (*others, args.section)
    await ctx.reports.rows.stand(report.name, muted=muted)
    words, label, flag = ("now shows", "Mute again", "") if args.off else ("now hides", "Unmute", " --off")
    other = Choice(label, f"report mute {report.name} {quote_word(args.section)}{flag}")
    choices = Choices((other, Choice("Settings", f"report show {report.name}")))
    return Reply(
        f"{report.name} {words} “{args.section}”",
        (*await _note_unknown_section(report, args, ctx), choices),
        result=await ReportResult.of(report, ctx),
    )


async def _note_unknown_section(report: Report, args: ReportMuteArguments, ctx: Context) -> list[Part]:
    """Note a section that the last report did not have: it may come another time, or be mistyped.

    Charts have headings too, which are not stored.
    """
    results = await ctx.reports.rows.results(report.name)
    known = list(results[-1].content.sections) if results else []
    if args.off or not known or args.section.casefold() in {each.casefold() for each in known}:
        return []
    return [Note(f"The last run had no table with that heading. It had: {', '.join(known)}.")]

"""`/pg report snooze`: make no report until a time."""

from datetime import timedelta
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import InForm, Picks, Positional, command, known_as, returns
from bot.domain.errors import BadArgument
from bot.domain.phrases import quote_text
from bot.domain.reply import Choice, Choices, Reply
from bot.domain.times import parse_future_time
from bot.reports.message import format_local
from bot.reports.record import person_name
from handlers.shared.report_view import ReportArguments, ReportResult, find_report

LONGEST = timedelta(days=366)
"""The longest snooze; anything longer is a pause, which shows that somebody has to end it."""


class ReportSnoozeArguments(ReportArguments):
    until: Annotated[
        str, Positional(), Picks("future"), InForm(hint="In your own time zone. If empty, for one day.")
    ] = "1d"
    """Duration, such as 1d, or a time"""
    reason: Annotated[str, InForm(hint="Shown with the report.")] = ""
    """Reason, shown with the report"""


@returns(ReportResult)
@known_as("postpone", "stop", "silence")
@command(
    writes=True,
    repeatable=True,
    examples=("report snooze morning 3d", "report snooze morning 2026-12-01T08:00Z"),
)
async def report_snooze(args: ReportSnoozeArguments, ctx: Context) -> Reply:
    """Snooze a report; it resumes by itself at the given time."""
    report = await find_report(args.report, ctx)
    now = ctx.now()
    until = parse_future_time(args.until, now, ctx.invocation.actor.time_zone)
    if until <= now:
        raise BadArgument(
            f"“{quote_text(args.until)}” is in the past.", "Give a duration such as 3d, or a future time."
        )
    if until > now + LONGEST:
        raise BadArgument(
            f"“{quote_text(args.until)}” is more than a year away.",
            "“report pause” stops it until someone resumes it.",
        )
    reason = f": {args.reason}" if args.reason else ""
    why = f"snoozed by {person_name(ctx.invocation)} until {format_local(report, until)}{reason}"
    await ctx.reports.rows.stand(report.name, snoozed_until=until, snoozed=why)
    resume = Choices((Choice("Resume", f"report resume {report.name}"),))
    return Reply(f"{report.name} is {why}", (resume,), result=await ReportResult.of(report, ctx))

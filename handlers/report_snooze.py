"""`/pg report snooze`: make no report until a time."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, command
from bot.domain.command_info import CommandEffect
from bot.domain.errors import BadArgument
from bot.domain.phrases import shown
from bot.domain.reply import Choice, Choices, Reply
from bot.domain.times import parse_future_time
from bot.reports.message import format_local
from bot.reports.record import person_name

LONGEST = timedelta(days=366)
"""Of a snooze: what is longer is a pause, which shows that somebody has to end it."""


class ReportSnoozeArguments(Arguments):
    """Which report, until when, and why."""

    report: Annotated[str, Positional(), Field(description="Name of the report")]
    until: Annotated[str, Positional(), Field(description="How long, such as 1d, or until when")] = "1d"
    reason: Annotated[str, Field(description="Why; it is shown with the report")] = ""


@command(
    effect=CommandEffect.WRITE,
    repeatable=True,
    examples=("report snooze morning 3d", "report snooze morning 2026-12-01T08:00Z"),
)
async def report_snooze(args: ReportSnoozeArguments, ctx: Context) -> Reply:
    """Make no report until a time; then it comes by itself again."""
    report = await ctx.reports.find_report(args.report)
    until = _until(args.until, ctx)
    reason = f": {args.reason}" if args.reason else ""
    why = f"snoozed by {person_name(ctx.invocation)} until {format_local(report, until)}{reason}"
    await ctx.reports.rows.stand(report.name, snoozed_until=until, snoozed=why)
    return Reply(f"{report.name} is {why}", (Choices((Choice("Resume", f"report resume {report.name}"),)),))


def _until(text: str, ctx: Context) -> datetime:
    """Raises BadArgument for what is no time ahead."""
    now = ctx.now()
    until = parse_future_time(text, now, ctx.invocation.actor.time_zone)
    if until <= now:
        raise BadArgument(f"“{shown(text)}” is over.", "Say how long, such as 3d, or a time to come.")
    if until > now + LONGEST:
        raise BadArgument(
            f"“{shown(text)}” is more than a year away.", "“report pause” lasts until somebody resumes it."
        )
    return until

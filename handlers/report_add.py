"""`/pg report add`: run a command that reads at times, for a channel."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ValidationError

from bot.access.policy import CommandRequest
from bot.commands.context import Context
from bot.commands.declaration import (
    Arguments,
    InForm,
    Picks,
    Positional,
    Task,
    command,
    headline,
    known_as,
    returns,
)
from bot.commands.parser import parse, spell
from bot.domain.errors import BadArgument, Denied
from bot.domain.phrases import quote_text
from bot.domain.reply import Choice, Choices, Fields, Note, Reply
from bot.domain.result import CommandResult
from bot.reports.message import format_local
from bot.reports.record import Report
from bot.settings.report_settings import ReportSetting, WorkingHours
from handlers.shared.report_view import ReportView, view_report

_LINK = re.compile(r"<#(?P<id>\w+)(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{2,}")
COMING = 5


class ReportAddArguments(Arguments):
    name: Annotated[
        str,
        Positional(),
        InForm(
            label="Name of the report", hint="Lower-case letters, digits, dashes.", example="morning-fleet"
        ),
    ]
    """Name: lower-case letters, digits, dashes"""
    command: Annotated[str, InForm(hint="One that only reads.", example="summary fleet")]
    """Read-only command to run, in quotes"""
    when: Annotated[
        str,
        InForm(label="Schedule", hint="In words, or as a cron expression.", example="every weekday at 8:30"),
    ]
    """Schedule: “every Monday at 9:00”, or a cron expression"""
    zone: Annotated[str, InForm(label="Time zone", hint="If empty, yours.", example="Europe/Berlin")] = ""
    """Time zone, such as Europe/Berlin (default: yours)"""
    channel: Annotated[str, Picks("channel"), InForm(hint="If empty, this channel.")] = ""
    """Channel to post in (default: this channel)"""
    late: Annotated[
        Literal["run", "skip", "merge"],
        InForm(label="Missed runs", hint="What happens to runs that the bot missed."),
    ] = "merge"
    """Handling of runs that the bot missed"""
    jitter: Annotated[
        str, InForm(label="Spread", hint="Start at a random moment within this window.", example="2m")
    ] = ""
    """Start at a random moment within this window, for example 2m"""
    hours: Annotated[str, InForm(label="Only in these hours", hint="", example="mon-fri 8:00-18:00")] = ""
    """Run only in these hours, such as “mon-fri 8:00-18:00”"""
    holidays: Annotated[
        str, InForm(label="Calendar", hint="Its days are skipped. By its name in app.yaml.")
    ] = ""
    """Calendar in app.yaml whose days are skipped"""
    sections: Annotated[
        tuple[str, ...], InForm(hint="Headings of the tables to include, with commas between. If empty, all.")
    ] = ()
    """Tables to include, by heading (default: all)"""
    reason: Annotated[str, InForm(label="Purpose", hint="")] = ""
    """Purpose of the report"""
    save: Annotated[
        bool, InForm(label="Save at once", hint="Otherwise you first see the next five runs.")
    ] = False
    """Save the report; without it you only see the next five runs"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAdd(CommandResult):
    """A new report, and its next runs. `is_saved` is false without --save."""

    report: ReportView
    is_saved: bool
    next_runs: tuple[datetime, ...]


@returns(ReportAdd)
@known_as(
    "schedule", "subscribe", "every day", "every weekday", "every week", "every monday", "every morning"
)
@headline(Task.REPORT)
@command(
    writes=True,
    examples=(
        'report add morning --command "summary fleet" --when "every weekday at 8:30"',
        'report add stale --command "backup list" --when "0 */6 * * *" --zone Europe/Berlin --save',
    ),
)
async def report_add(args: ReportAddArguments, ctx: Context) -> Reply:
    """Schedule a read-only command, and post its result as a report.

    You first see the next five runs; the button or --save saves the report. A report shows what you may see,
    for as long as you may see it.
    """
    setting = _make_setting(args, ctx)
    ctx.reports.check_setting(setting)
    # Each run of the report checks it again.
    ctx.policy.require(CommandRequest.by(ctx.invocation, parse(setting.command, ctx.registry).command))
    await _require_own_company(setting.channel, ctx)
    report = Report(setting=setting, by=setting.owner, team=ctx.invocation.actor.team, at=ctx.now())
    taken = any(each.name == report.name for each in await ctx.reports.all_reports())
    times = tuple(ctx.reports.next_times(setting, COMING))
    result = ReportAdd(report=await view_report(report, ctx), is_saved=args.save, next_runs=times)
    fields = _show_times(report, times)
    if not args.save and not taken:
        save = Choices((Choice("Save", spell(ctx.command, args, save=True), primary=True),))
        title = f"{report.name} would be posted in {setting.channel}"
        return Reply(title, (fields, Note("Nothing is saved yet."), save), result=result)
    if taken or not await ctx.reports.rows.add(report):
        raise BadArgument(
            f"A report called {report.name} already exists.", "Choose another name, or remove it first."
        )
    ctx.reports.waker()
    note = Note(
        f"“report show {report.name}” shows its settings. “report pause” or “report remove” stops it."
    )
    title = f"{report.name} is saved for {setting.channel}: {setting.when}"
    return Reply(title, (fields, note), result=result)


def _make_setting(args: ReportAddArguments, ctx: Context) -> ReportSetting:
    """Build the report's setting. Raises BadArgument with the first error."""
    actor = ctx.invocation.actor
    given = {
        "name": args.name,
        "command": args.command,
        "when": args.when,
        "zone": args.zone or actor.time_zone,
        "channel": _parse_channel(args.channel) or ctx.invocation.channel,
        "owner": actor.member,
        "reason": args.reason,
        "late": args.late,
        "jitter": args.jitter or None,
        "hours": WorkingHours.of(args.hours) if args.hours else None,
        "holidays": args.holidays or None,
        "sections": args.sections,
    }
    try:
        return ReportSetting.model_validate(given)
    except ValidationError as error:
        raise _make_error(error) from None


def _parse_channel(typed: str) -> str:
    """Return the channel's id, which a rename does not change. Raises BadArgument for anything else."""
    channel = _LINK.sub(r"\g<id>", typed.strip())
    if channel and not _CHANNEL.fullmatch(channel):
        raise BadArgument(
            f"I can't tell which channel “{quote_text(typed)}” is.",
            "Run this in the channel itself, or give its id, such as C024BE91L.",
        )
    return channel


def _make_error(error: ValidationError) -> BadArgument:
    first = error.errors(include_input=False)[0]
    flag = str(first["loc"][0]) if first["loc"] else "it"
    if flag == "name":
        return BadArgument(
            "A report's name can have lower-case letters, digits and dashes, at most 40 characters.",
            "An example is morning-fleet.",
        )
    if flag == "channel":
        return BadArgument("There is no channel to post in.", "Name one with --channel.")
    words = first["msg"].removeprefix("Value error, ")
    return BadArgument(f"--{flag}: {words.rstrip('.')}.")


async def _require_own_company(channel: str, ctx: Context) -> None:
    """Raise Denied for a shared channel, while somebody is there to choose another: each run would refuse."""
    if ctx.is_external is not None and await ctx.is_external(channel, ctx.invocation.actor.id) is not False:
        raise Denied(
            f"{channel} is or may be shared with another company, so reports made in Slack can't post there.",
            "Choose another channel, or add the report to app.yaml.",
        )


def _show_times(report: Report, times: Iterable[datetime]) -> Fields:
    named = tuple((f"Run {number}", format_local(report, at)) for number, at in enumerate(times, start=1))
    return Fields(
        (
            ("Command", report.setting.command),
            ("When", report.setting.when),
            ("Understood as", report.setting.schedule_words),
            *named,
        )
    )

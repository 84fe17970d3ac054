"""`/pg report add`: run a command that reads at times, for a channel."""

import re
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from bot.access.policy import CommandRequest
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, Task, command, headline, known_as
from bot.commands.parser import parse, spell
from bot.domain.command_info import CommandEffect
from bot.domain.errors import BadArgument, Denied
from bot.domain.phrases import quote_text
from bot.domain.reply import Choice, Choices, Fields, Note, Reply
from bot.reports.message import format_local
from bot.reports.record import Report
from bot.settings.report_settings import ReportSetting, WorkingHours

_LINK = re.compile(r"<#(?P<id>\w+)(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{2,}")
COMING = 5


class ReportAddArguments(Arguments):
    name: Annotated[str, Positional(), Field(description="What to call it: small letters, digits, dashes")]
    command: Annotated[str, Field(description="The command to run, in quotes; one that only reads")]
    when: Annotated[str, Field(description="Such as “every Monday at 9:00”, or five fields of cron")]
    zone: Annotated[str, Field(description="Time zone such as Europe/Berlin; else yours")] = ""
    channel: Annotated[str, Field(description="Where it comes; else here")] = ""
    late: Annotated[
        Literal["run", "skip", "merge"], Field(description="What happens to times that the bot missed")
    ] = "merge"
    jitter: Annotated[str, Field(description="Spread its beginning over so long, such as 2m")] = ""
    hours: Annotated[str, Field(description="Only in these hours, such as “mon-fri 8:00-18:00”")] = ""
    holidays: Annotated[str, Field(description="A calendar of app.yaml whose days are left out")] = ""
    sections: Annotated[tuple[str, ...], Field(description="Only these tables, by their headings")] = ()
    reason: Annotated[str, Field(description="What it is for")] = ""
    save: Annotated[bool, Field(description="Save it; without, the next five times are shown")] = False


@known_as("schedule", "subscribe")
@headline(Task.REPORT)
@command(
    effect=CommandEffect.WRITE,
    examples=(
        'report add morning --command "summary fleet" --when "every weekday at 8:30"',
        'report add stale --command "backup list" --when "0 */6 * * *" --zone Europe/Berlin --save',
    ),
)
async def report_add(args: ReportAddArguments, ctx: Context) -> Reply:
    """Make a report: a command that only reads, run at times, for a channel.

    Shows the next five times first; the button, or --save, keeps it. It shows what you may see, as long as
    you may.
    """
    setting = _make_setting(args, ctx)
    ctx.reports.check_setting(setting)
    _require_rights(setting, ctx)
    await _require_own_company(setting.channel, ctx)
    report = Report(setting=setting, by=setting.owner, team=ctx.invocation.actor.team, at=ctx.now())
    taken = any(each.name == report.name for each in await ctx.reports.all_reports())
    if not args.save and not taken:
        return _propose_report(report, args, ctx)
    if taken or not await ctx.reports.rows.add(report):
        raise BadArgument(
            f"There is a report {report.name} already.", "Take another name, or remove it first."
        )
    ctx.reports.waker()
    note = Note(f"“report show {report.name}” has its settings, “report pause” and “report remove” end it.")
    return Reply(
        f"{report.name} comes in {setting.channel}: {setting.when}", (_show_times(report, ctx), note)
    )


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
            "Ask in the channel itself, or give its id, such as C024BE91L.",
        )
    return channel


def _make_error(error: ValidationError) -> BadArgument:
    first = error.errors(include_input=False)[0]
    flag = str(first["loc"][0]) if first["loc"] else "it"
    if flag == "name":
        return BadArgument(
            "A name has small letters, digits and dashes, 40 at most.", "Such as morning-fleet."
        )
    if flag == "channel":
        return BadArgument("Nobody can tell where it shall come.", "Name a channel with --channel.")
    words = first["msg"].removeprefix("Value error, ")
    return BadArgument(f"--{flag}: {words.rstrip('.')}.")


def _require_rights(setting: ReportSetting, ctx: Context) -> None:
    """Raise Denied for a command that the person may not run; each run of the report checks it again."""
    ctx.policy.require(CommandRequest.by(ctx.invocation, parse(setting.command, ctx.registry).command))


async def _require_own_company(channel: str, ctx: Context) -> None:
    """Raise Denied for a shared channel, while somebody is there to choose another: each run would refuse."""
    if ctx.is_external is not None and await ctx.is_external(channel, ctx.invocation.actor.id) is not False:
        raise Denied(
            f"{channel} is shared with another company, or Slack does not say that it is not: a report made "
            "in Slack does not come there.",
            "Take another channel, or a line under reports in app.yaml.",
        )


def _propose_report(report: Report, args: ReportAddArguments, ctx: Context) -> Reply:
    save = Choice("Save", spell(ctx.command, args, save=True), primary=True)
    return Reply(
        f"{report.name} would come in {report.setting.channel}",
        (_show_times(report, ctx), Note("Nothing is saved yet."), Choices((save,))),
    )


def _show_times(report: Report, ctx: Context) -> Fields:
    times = ctx.reports.next_times(report.setting, COMING)
    named = tuple((f"Time {number}", format_local(report, at)) for number, at in enumerate(times, start=1))
    return Fields(
        (
            ("Command", report.setting.command),
            ("When", report.setting.when),
            ("Understood as", report.setting.schedule_words),
            *named,
        )
    )

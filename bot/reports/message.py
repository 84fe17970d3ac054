"""A report as Slack shows it: what is new in the message, the rest in its thread, buttons below; pure."""

import shlex
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.errors import SlackError
from bot.domain.phrases import join_names
from bot.domain.reply import (
    GAP_WARNING,
    Chart,
    Choice,
    Choices,
    File,
    Mention,
    Note,
    Part,
    Reply,
    Table,
    Text,
    Warn,
)
from bot.domain.slack_trouble import SlackTrouble
from bot.domain.times import format_span
from bot.reports.record import Report, Result, ResultHistory, Slot
from bot.reports.snapshot import (
    ReportSnapshot,
    SnapshotTable,
    carry_over,
    describe_differences,
    select_parts,
    select_tables,
    take_snapshot,
)

LATE_AFTER = timedelta(minutes=10)
"""From when on a report says that it comes late, and a missed one may be skipped or merged."""

REMINDER_SLACK = timedelta(hours=2)
"""A daily report reminds daily, also across a change to summer time."""

TREND_POINTS = 14
"""Points of a trend; the numbers of rows of so many reports."""

MAX_LINES = 3
MIN_POINTS = 3
"""Points from which on a trend is drawn."""

_CAUSES = {
    "command": "the report's command",
    "permissions": "the permissions that it is made with",
    "accounts": "the IONOS contracts in app.yaml",
}
"""What people read for the parts of a report's provenance."""


@dataclass(frozen=True, slots=True)
class ReportMessage:
    """The message to post, without `details` if nothing is new. The next is compared with `snapshot`."""

    top: Reply
    details: Reply | None
    snapshot: ReportSnapshot


def build_message(
    report: Report, slot: Slot, reply: Reply, history: ResultHistory, muted: tuple[str, ...]
) -> ReportMessage:
    """Return the message of a run. It is compared with the last result, if that has the same provenance."""
    only, results = (report.setting.sections, muted), history.comparable
    reminded_at = history.results[-1].content.reminded_at if history.results else None
    reminders = _find_reminders(reply, reminded_at, slot)
    snapshot = take_snapshot(reply, history.provenance).model_copy(
        update={"reminded_at": slot.at if reminders else reminded_at}
    )
    stored = carry_over(results[-1].content, snapshot) if results else snapshot
    reply, results = (
        select_parts(reply, *only),
        [replace(each, content=select_tables(each.content, *only)) for each in results],
    )
    before = results[-1] if results else None
    news = describe_differences(before.content, select_tables(snapshot, *only)) if before else []
    if before is not None and not news and not slot.asked_by:
        line = _heartbeat(report, slot, reply, before)
        return ReportMessage(replace(line, parts=(*line.parts, *reminders)), None, stored)
    top = (
        *(part for part in reply.parts if isinstance(part, Warn)),
        *_news(report, before, news, history),
        *_charts(report, reply, [*results, Result(slot.at, select_tables(stored, *only))]),
        *(part for part in reply.parts if isinstance(part, Mention) and (news or part in reminders)),
        *_remarks(slot),
        Choices(_buttons(report)),
    )
    return ReportMessage(Reply(f"{report.name}: {reply.title}", top), _details(report, reply), stored)


def failure_notice(report: Report, why: str, next_try: datetime | None, tries: int) -> Reply:
    """Return the notice that the channel gets instead of a report."""
    when = f"Next try: {format_local(report, next_try)}." if next_try else "It will not be tried again."
    after = f" Tried {tries} times." if tries > 1 else ""
    return Reply(
        f"{report.name} could not run",
        (Text(why), Note(f"{when}{after}"), Choices((Choice("Settings", f"report show {report.name}"),))),
        ok=False,
    )


def not_posted_notice(report: Report, error: SlackError, next_time: datetime | None) -> Reply:
    """Return the direct message for the owner of a report that Slack did not take."""
    when = f" Its next run is {format_local(report, next_time)}." if next_time else ""
    step = error.next_step
    if error.trouble is SlackTrouble.CONVERSATION:
        step = "Invite the bot into the channel, or move the report to another one."
    return Reply(
        f"Your report {report.name} can't be posted in {report.setting.channel}",
        (Text(f"{error.sentence} (Slack says {error.code}.)"), Note(f"{step}{when}".strip())),
        ok=False,
    )


def format_local(report: Report, at: datetime) -> str:
    """Return a time in the report's zone: `Mon 23 Nov 09:00 (Europe/Berlin)`."""
    zone = report.setting.zone
    return f"{at.astimezone(ZoneInfo(zone)):%a %d %b %H:%M} ({zone})"


def _heartbeat(report: Report, slot: Slot, reply: Reply, before: Result) -> Reply:
    line = f"{report.name}: no change since {format_local(report, before.at)}. {reply.title}"
    # Without the gaps, this line would read as if every region had responded.
    gaps = [part for part in reply.parts if isinstance(part, Warn) and part.text.startswith(GAP_WARNING)]
    return Reply(line, (*gaps, *_remarks(slot)))


def _find_reminders(reply: Reply, reminded_at: datetime | None, slot: Slot) -> list[Mention]:
    """Return the mentions that are due also without news; none in a run that somebody asked for."""
    if slot.asked_by:
        return []
    return [
        part
        for part in reply.parts
        if isinstance(part, Mention)
        and part.every is not None
        and (reminded_at is None or slot.at - reminded_at >= part.every - REMINDER_SLACK)
    ]


def _news(report: Report, before: Result | None, news: list[str], history: ResultHistory) -> list[Part]:
    if before is None and history.results:
        return [Text(_explain_fresh_start(report, history))]
    if before is None:
        return [Text("This is the first run, so there is nothing to compare with yet.")]
    if not news:
        return [Text(f"No change since {format_local(report, before.at)}.")]
    return [Text(f"Since {format_local(report, before.at)}:\n" + "\n".join(f"• {each}" for each in news))]


def _explain_fresh_start(report: Report, history: ResultHistory) -> str:
    """Say why there is nothing to compare with, although the report has been made before."""
    at = format_local(report, history.results[-1].at)
    if not history.results[-1].content.provenance:
        return f"Not compared with {at}: the settings of that run are not stored."
    causes = join_names([_CAUSES.get(each, each) for each in history.changed])
    return f"Not compared with {at}. Changed since then: {causes}."


def _charts(report: Report, reply: Reply, results: list[Result]) -> list[Part]:
    """Return the command's own charts; without any, the number of rows of its tables, where that changed."""
    own: list[Part] = [part for part in reply.parts if isinstance(part, Chart)]
    recent = results[-TREND_POINTS:]
    if own or len(recent) < MIN_POINTS:
        return own
    zone = ZoneInfo(report.setting.zone)
    labels = tuple(f"{each.at.astimezone(zone):%d %b %H:%M}" for each in recent)
    tables = [each.content.sections for each in recent]
    series = [
        (caption, tuple(float(each.get(caption, SnapshotTable()).count) for each in tables))
        for caption in tables[-1]
    ]
    moving = tuple(each for each in series if len(set(each[1])) > 1)[:MAX_LINES]
    return [Chart("Rows", "line", labels, moving)] if moving else []


def _remarks(slot: Slot) -> list[Part]:
    found: list[Part] = []
    if slot.asked_by:
        found.append(Note(f"Started by {slot.asked_by}."))
    if slot.why:
        found.append(Note(slot.why))
    if slot.stands_for > 1:
        found.append(Note(f"It replaces {slot.stands_for} runs, which the bot missed."))
    return found


def is_late(report: Report, slot: Slot, now: datetime) -> bool:
    """Return whether its time and the spread after it passed at least `LATE` ago."""
    return now - slot.at - report.setting.spread >= LATE_AFTER


def describe_lateness(report: Report, slot: Slot, now: datetime) -> str:
    """Say in a sentence that the run is late; empty where it is not."""
    if slot.asked_by or not is_late(report, slot, now):
        return ""
    return f"{format_span(now - slot.at)} late: it was due {format_local(report, slot.at)}."


def _details(report: Report, reply: Reply) -> Reply | None:
    above = (Warn, Chart, Mention, Choices, File)
    parts: list[Part] = [part for part in reply.parts if not isinstance(part, above)]
    captions = [part.caption for part in parts if isinstance(part, Table)][:5]
    mutes = tuple(
        Choice(f"Mute “{each}”", f"report mute {report.name} {shlex.quote(each)}") for each in captions
    )
    if not parts:
        return None
    return Reply(f"Details of {report.name}", (*parts, *([Choices(mutes)] if mutes else [])))


def _buttons(report: Report) -> tuple[Choice, ...]:
    name = report.name
    return (
        Choice("Run again", f"report run {name}"),
        Choice("Open", report.setting.command),
        Choice("CSV", f"{report.setting.command} --csv"),
        Choice("Snooze a day", f"report snooze {name} 1d"),
        Choice("Settings", f"report show {name}"),
    )

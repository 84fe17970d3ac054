"""`/pg summary activity`: what is unusual in the audit log."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.audit.records import AuditQuery, AuditRow, split_actor
from bot.commands.context import Context
from bot.commands.declaration import command, returns
from bot.domain.phrases import format_count
from bot.domain.reply import Column, Note, Part, Reply, Text, Warn, show_table, warn_of_gaps
from bot.domain.result import CommandResult
from bot.domain.times import format_span, parse_period
from handlers.shared.audit_visibility import AuditVisibility, VisibleRows, find_visible
from handlers.shared.summary_parts import PeriodArguments, chart_days, count_days, join_numbers, list_days

MOST = 5_000
"""The most rows that are read for each of the two periods."""

USUAL = 4
"""The time before to compare with, as a multiple of the period."""

REFUSED = frozenset({"denied", "refused"})
FAILED = frozenset({"failed", "error"})
OFTEN = 5
"""Refusals from which on somebody is named."""


class UnusualRemark(StrEnum):
    """The ways in which a person or a command is unusual."""

    NEW_PERSON = "new person"
    NEW_COMMAND = "new command"
    OFTEN_REFUSED = "often refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualFinding:
    """A person, as the audit log has them, or a command; `refused` counts a person's refusals where that is
    unusual."""

    subject: str
    remarks: tuple[UnusualRemark, ...]
    refused: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDay:
    """Commands of people on a day, UTC, and how many of them were refused."""

    day: date
    requests: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryActivity(CommandResult):
    """Unusual people and commands since a time, compared with the log from `compared_since` until then.

    That is null where the log does not go back further, so that nothing could be called new. `usual_commands`
    is the number in as long a period before, null where the log is shorter. Where it `is_cut` only the newest
    entries were counted. `days` are those of the last month.
    """

    unusual: tuple[UnusualFinding, ...]
    since: datetime
    compared_since: datetime | None
    people: int
    commands: int
    usual_commands: int | None
    refused: int
    failed: int
    is_cut: bool
    days: tuple[ActivityDay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Activity:
    """Requests of people in the period and before it. `usual` is how far back before it the log goes.

    `who` names the person of a row, the same in both.
    """

    now: list[AuditRow]
    before: list[AuditRow]
    usual: timedelta
    is_cut: bool
    sight: AuditVisibility
    who: Callable[[AuditRow], str]


@returns(SummaryActivity)
@command(examples=("summary activity", "summary activity --since 7d"))
async def summary_activity(args: PeriodArguments, ctx: Context) -> Reply:
    """Summarize unusual activity in the audit log.

    It lists new people, commands that were not used before, and people who are often refused. “New” means not
    seen in the four periods before. An entry is a hint to look closer, not an accusation.
    """
    period = parse_period(args.since, ctx.now(), ctx.invocation.actor.time_zone)
    found = await _read_activity(period, ctx)
    result = _summarize(found, period, ctx.now())
    parts: list[Part] = []
    if not found.sight.everything:
        parts += warn_of_gaps(found.sight.gaps)
    if found.is_cut:
        parts.append(Warn(f"Only the last {MOST:,} entries of each period were read."))
    parts.append(Text(_describe_numbers(result)))
    names = {each.subject: await ctx.describe_person(each.subject) for each in result.unusual}
    columns: tuple[Column[UnusualFinding], ...] = (
        Column("Person or command", cell=lambda each: names[each.subject]),
        Column("Finding", cell=lambda each: ", ".join(each.remarks)),
        Column("Refused", cell=lambda each: each.refused),
    )
    calm = Text("Nothing unusual." if found.now else "`--since 90d` looks further back.")
    parts += show_table("Unusual", columns, result.unusual) or [calm]
    series = {
        "requests": [each.requests for each in result.days],
        "refused": [each.refused for each in result.days],
    }
    parts += chart_days("Activity by day", [each.day for each in result.days], series)
    baseline = "The log does not go back far enough to tell who or what is new."
    if found.usual:
        baseline = f"“New” means not seen in the {format_span(found.usual)} before."
    parts.append(Note(baseline))
    return Reply(_make_title(result, period), tuple(parts), result=result)


def _summarize(found: _Activity, period: timedelta, now: datetime) -> SummaryActivity:
    days, outcomes = list_days(period, now), Counter(row.outcome for row in found.now)
    requests = count_days((row.at for row in found.now), days)
    refused = count_days((row.at for row in found.now if row.outcome in REFUSED), days)
    usual = round(len(found.before) / (found.usual / period)) if found.usual >= period else None
    return SummaryActivity(
        unusual=tuple(_find_unusual(found)),
        since=now - period,
        compared_since=now - period - found.usual if found.usual else None,
        people=len(set(map(found.who, found.now))),
        commands=len(found.now),
        usual_commands=usual,
        refused=sum(outcomes[each] for each in REFUSED),
        failed=sum(outcomes[each] for each in FAILED),
        is_cut=found.is_cut,
        days=tuple(
            ActivityDay(day=day, requests=asked, refused=denied)
            for day, asked, denied in zip(days, requests, refused, strict=True)
        ),
    )


async def _read_activity(period: timedelta, ctx: Context) -> _Activity:
    sight, now = await AuditVisibility.of(ctx), ctx.now()
    start, first = now - period, now - period * (USUAL + 1)
    recent = await find_visible(ctx, sight, AuditQuery(since=start, limit=MOST))
    earlier = await find_visible(ctx, sight, AuditQuery(since=first, until=start, limit=MOST))
    asked, before = _select_requests(recent, ctx), _select_requests(earlier, ctx)
    return _Activity(
        now=asked,
        before=before,
        usual=max(start - max(await ctx.audit.beginning() or now, first), timedelta()),
        is_cut=recent.older is not None or earlier.older is not None,
        sight=sight,
        who=split_actor([*asked, *before]),
    )


def _select_requests(found: VisibleRows, ctx: Context) -> list[AuditRow]:
    """Return what people asked, without this very question and what schedules or the bot itself did."""
    return [
        row
        for row in found.rows
        if row.kind in {"invocation", "outcome"}
        and row.outcome != "form"
        and row.trace != ctx.invocation.trace
        and not row.actor.startswith("schedule:")
    ]


def _find_unusual(found: _Activity) -> list[UnusualFinding]:
    """Return people and commands with what is unusual about them, by name."""
    remarks: dict[str, list[UnusualRemark]] = defaultdict(list)
    if found.usual:
        for person in set(map(found.who, found.now)) - set(map(found.who, found.before)):
            remarks[person].append(UnusualRemark.NEW_PERSON)
        for name in {row.command for row in found.now} - {row.command for row in found.before} - {""}:
            remarks[name].append(UnusualRemark.NEW_COMMAND)
    often = _count_refused(found.now, found.who)
    for person in often.keys() - _count_refused(found.before, found.who).keys():
        remarks[person].append(UnusualRemark.OFTEN_REFUSED)
    return [
        UnusualFinding(subject=name, remarks=tuple(said), refused=often.get(name))
        for name, said in sorted(remarks.items())
    ]


def _count_refused(rows: Iterable[AuditRow], who: Callable[[AuditRow], str]) -> dict[str, int]:
    counts = Counter(who(row) for row in rows if row.outcome in REFUSED)
    return {person: count for person, count in counts.items() if count >= OFTEN}


def _describe_numbers(found: SummaryActivity) -> str:
    usual = {} if found.usual_commands is None else {"Usual commands": found.usual_commands}
    numbers = {"People": found.people, "Commands": found.commands}
    return join_numbers(numbers | usual | {"Refused": found.refused, "Failed": found.failed})


def _make_title(found: SummaryActivity, period: timedelta) -> str:
    if not found.commands:
        return f"No commands in {format_span(period)}"
    people = "1 person" if found.people == 1 else f"{found.people:,} people"
    unusual = len(found.unusual)
    said = format_count(unusual, "unusual finding") if unusual else "nothing unusual"
    return f"{format_count(found.commands, 'command')} by {people} in {format_span(period)}: {said}"

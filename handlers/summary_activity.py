"""`/pg summary activity`: what is unusual in the audit log."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from bot.audit.records import AuditQuery, AuditRow, split_actor
from bot.commands.context import Context
from bot.commands.declaration import Arguments, command
from bot.commands.form_layout import InForm
from bot.domain.phrases import format_count
from bot.domain.reply import Note, Part, Reply, Table, Text, Warn, warn_of_gaps
from bot.domain.times import format_span, parse_period
from handlers.shared.audit_visibility import AuditVisibility, VisibleRows, find_visible
from handlers.shared.summary_parts import chart_days, join_numbers

MOST = 5_000
"""The most rows that are read for each of the two periods."""

USUAL = 4
"""The time before to compare with, as a multiple of the period."""

REFUSED = frozenset({"denied", "refused"})
FAILED = frozenset({"failed", "error"})
OFTEN = 5
"""Refusals from which on somebody is named."""


class SummaryActivityArguments(Arguments):
    since: Annotated[
        str,
        InForm(label="Period", hint="", example="7d"),
        Field(description="Period to cover, such as 24h or 7d"),
    ] = "7d"


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


@command(examples=("summary activity", "summary activity --since 7d"))
async def summary_activity(args: SummaryActivityArguments, ctx: Context) -> Reply:
    """Summarize unusual activity in the audit log.

    It lists new people, commands that were not used before, and people who are often refused. “New” means not
    seen in the four periods before. An entry is a hint to look closer, not an accusation.
    """
    period = parse_period(args.since, ctx.now(), ctx.invocation.actor.time_zone)
    found = await _read_activity(period, ctx)
    unusual = _find_unusual(found)
    parts: list[Part] = []
    if not found.sight.everything:
        parts += warn_of_gaps(found.sight.gaps)
    if found.is_cut:
        parts.append(Warn(f"Only the last {MOST:,} entries of each period were read."))
    parts.append(Text(_describe_numbers(found, period)))
    calm = Text("Nothing unusual." if found.now else "`--since 90d` looks further back.")
    parts.append(await _make_table(unusual, ctx) if unusual else calm)
    refused = [row.at for row in found.now if row.outcome in REFUSED]
    series = {"requests": [row.at for row in found.now], "refused": refused}
    parts += chart_days("Activity by day", series, period, ctx.now())
    parts.append(Note(_describe_baseline(found)))
    return Reply(_make_title(found, len(unusual), period), tuple(parts))


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


def _find_unusual(found: _Activity) -> list[tuple[str, str, int | None]]:
    """Return a name, what is unusual about it, and the number of refusals where that is it."""
    found_by_name: dict[str, list[str]] = defaultdict(list)
    if found.usual:
        for person in _name_people(found.now, found.who) - _name_people(found.before, found.who):
            found_by_name[person].append("new person")
        for name in _name_commands(found.now) - _name_commands(found.before):
            found_by_name[name].append("new command")
    often = _count_refused(found.now, found.who)
    for person in often.keys() - _count_refused(found.before, found.who).keys():
        found_by_name[person].append("often refused")
    return [(name, ", ".join(remarks), often.get(name)) for name, remarks in sorted(found_by_name.items())]


def _name_people(rows: Iterable[AuditRow], who: Callable[[AuditRow], str]) -> set[str]:
    return {who(row) for row in rows}


def _name_commands(rows: Iterable[AuditRow]) -> set[str]:
    return {row.command for row in rows if row.command}


def _count_refused(rows: Iterable[AuditRow], who: Callable[[AuditRow], str]) -> dict[str, int]:
    counts = Counter(who(row) for row in rows if row.outcome in REFUSED)
    return {person: count for person, count in counts.items() if count >= OFTEN}


def _describe_numbers(found: _Activity, period: timedelta) -> str:
    outcomes = Counter(row.outcome for row in found.now)
    numbers = {"People": len(_name_people(found.now, found.who)), "Commands": len(found.now)}
    if found.usual >= period:
        numbers["Usual commands"] = round(len(found.before) / (found.usual / period))
    numbers["Refused"] = sum(outcomes[each] for each in REFUSED)
    numbers["Failed"] = sum(outcomes[each] for each in FAILED)
    return join_numbers(numbers)


def _make_title(found: _Activity, unusual: int, period: timedelta) -> str:
    if not found.now:
        return f"No commands in {format_span(period)}"
    number = len(_name_people(found.now, found.who))
    people = "1 person" if number == 1 else f"{number:,} people"
    said = format_count(unusual, "unusual finding") if unusual else "nothing unusual"
    return f"{format_count(len(found.now), 'command')} by {people} in {format_span(period)}: {said}"


async def _make_table(unusual: Sequence[tuple[str, str, int | None]], ctx: Context) -> Table:
    rows = [(await ctx.describe_person(who), what, refused) for who, what, refused in unusual]
    return Table("Unusual", ("Person or command", "Finding", "Refused"), tuple(rows), name="unusual")


def _describe_baseline(found: _Activity) -> str:
    if not found.usual:
        return "The log does not go back far enough to tell who or what is new."
    return f"“New” means not seen in the {format_span(found.usual)} before."

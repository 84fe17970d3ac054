"""`/pg summary changes`: finished changes, and pending ones with the people they need."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.access.owners import mention_owners, people_of
from bot.changes.change_result import ChangeView
from bot.changes.record import WAITING, ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.commands.declaration import command, returns
from bot.domain.approval_requirement import RequirementKind
from bot.domain.phrases import format_count
from bot.domain.reply import Column, Part, Reply, Text, Warn, show_table
from bot.domain.result import CommandResult
from bot.domain.times import format_span, parse_period
from bot.settings.model import OWNER
from handlers.shared.summary_parts import PeriodArguments, chart_days, count_days, join_numbers, list_days
from handlers.shared.visible_changes import find_changes

TROUBLED = frozenset({ChangeState.FAILED, ChangeState.UNKNOWN, ChangeState.NOT_IN_EFFECT})
MOST = 2_000
"""The most changes that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesDay:
    """Changes that were requested on a day, UTC."""

    day: date
    requested: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryChanges(CommandResult):
    """Open changes, and those requested or finished since a time; the newest 2,000 where it `is_cut`. `days`
    are those of the last month."""

    changes: tuple[ChangeView, ...]
    since: datetime
    approvals_given: int
    is_cut: bool
    days: tuple[ChangesDay, ...]


@returns(SummaryChanges)
@command(examples=("summary changes", "summary changes --since 24h"))
async def summary_changes(args: PeriodArguments, ctx: Context) -> Reply:
    """Summarize changes: outcomes, and who has to decide on open ones.

    It counts changes that were requested or finished in the period, and all open ones. People who have to
    decide are mentioned.
    """
    period, now = parse_period(args.since, ctx.now(), ctx.invocation.actor.time_zone), ctx.now()
    kept = await find_changes(ctx, ChangeState, MOST, lambda each: ctx.may_see_plan(each.plan))
    start = now - period
    records = [
        each
        for each in kept
        if each.is_open or each.proposed_at >= start or (each.ended_at and each.ended_at >= start)
    ]
    days = list_days(period, now)
    requested = count_days((each.proposed_at for each in records), days)
    result = SummaryChanges(
        changes=tuple(map(ChangeView.of, records)),
        since=start,
        approvals_given=sum(len(each.approvals) for each in records),
        is_cut=len(kept) == MOST,
        days=tuple(ChangesDay(day=day, requested=count) for day, count in zip(days, requested, strict=True)),
    )
    parts: list[Part] = []
    if result.is_cut:
        parts.append(Warn(f"Only the last {MOST:,} changes are counted."))
    if not records:
        nothing = Text("No changes were requested, and none are open. `--since 90d` looks further back.")
        return Reply(f"No changes in {format_span(period)}", (*parts, nothing), result=result)
    waiting = [each for each in records if each.state in WAITING]
    parts.append(Text(_describe_numbers(records, result.approvals_given)))
    parts += _show_changes("Waiting", waiting)
    troubled = [each for each in records if each.state in TROUBLED]
    parts += _show_changes("In trouble", troubled)
    overridden = [each for each in result.changes if each.break_glass_by]
    parts += show_table("Without approval", _OVERRIDDEN, overridden)
    parts += chart_days("Changes by day", days, {"requested": requested})
    parts += mention_owners((person for each in records for person in _find_people(each, ctx)), ctx.settings)
    asked = sum(1 for each in records if each.proposed_at >= start)
    return Reply(_make_title(asked, len(waiting), len(troubled), period), tuple(parts), result=result)


def _make_title(asked: int, waiting: int, troubled: int, period: timedelta) -> str:
    counts = {"pending": waiting, "failed or unknown": troubled}
    said = ", ".join(f"{number:,} {words}" for words, number in counts.items() if number)
    return f"{format_count(asked, 'change')} in {format_span(period)}: {said or 'none pending, none failed'}"


def _describe_numbers(records: Sequence[ChangeRecord], approvals: int) -> str:
    """Return counts by state, in the order of a change's life."""
    counts = Counter(each.state for each in records)
    states = {state.label.capitalize(): counts[state] for state in ChangeState if counts[state]}
    return join_numbers(states | {"Approvals given": approvals})


def _show_changes(caption: str, records: Sequence[ChangeRecord]) -> list[Part]:
    by_id = {each.id: each for each in records}
    columns: tuple[Column[ChangeView], ...] = (
        Column("Change", cell=lambda each: each.id),
        Column("Action", cell=lambda each: each.plan.action),
        Column("State", cell=lambda each: by_id[each.id].label),
        Column("Requester", cell=lambda each: each.requester.name),
        Column("Missing", cell=lambda each: _describe_missing(by_id[each.id])),
    )
    return show_table(caption, columns, list(map(ChangeView.of, records)))


def _describe_missing(record: ChangeRecord) -> str | None:
    """Return what people still have to give before it runs; None for nothing."""
    if record.state is not ChangeState.PROPOSED:
        return None
    return record.describe_missing() if record.missing_roles() else record.need.words()


_OVERRIDDEN: tuple[Column[ChangeView], ...] = (
    Column("Change", cell=lambda each: each.id),
    Column("Action", cell=lambda each: each.plan.action),
    Column("Person", cell=lambda each: each.break_glass_by),
    Column("Reviewed by", cell=lambda each: each.reviewer_name),
)


def _find_people(record: ChangeRecord, ctx: Context) -> Iterator[str]:
    """Yield the people it waits for: approvers who have not approved yet, else the requester."""
    if record.state is ChangeState.PROPOSED and record.need.kind is RequirementKind.APPROVAL:
        done = {record.requester.id, *(vote.voter for vote in record.approvals)}
        for role in record.missing_roles():
            owner = ctx.tags(ctx.policy.answered_for(record.plan)).owner
            people = people_of(owner if role == OWNER else role, ctx.settings)
            yield from (person for person in people if person not in done)
    elif record.state in {ChangeState.PROPOSED, ChangeState.UNKNOWN}:
        yield record.requester.id

"""`/pg change list`: changes that wait, run or have ended."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal

from bot.changes.card import describe_progress, distinct_actions, find_ahead
from bot.changes.change_result import ChangeView
from bot.changes.record import OPEN, OVER, ChangeRecord, ChangeState
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Positional, Task, command, headline, known_as, returns
from bot.domain.phrases import format_count
from bot.domain.reply import Column, Note, Part, Reply, Table, Text, make_table, wide
from bot.domain.result import CommandResult
from bot.domain.times import format_ago, parse_period
from handlers.shared.visible_changes import find_changes

LISTED = 100
"""The most finished changes that are listed."""


class ChangeListArguments(Arguments):
    which: Annotated[
        Literal["open", "mine", "all"],
        Positional(),
        InForm(label="Show", hint="Mine are the changes that you requested."),
    ] = "open"
    """Changes to list; “mine” are those that you requested"""
    since: Annotated[str, InForm(label="Finished in the last", hint="", example="30d")] = "30d"
    """Period for finished changes, such as 12h or 30d"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeList(CommandResult):
    """The changes: open ones first, then finished ones from the newest."""

    changes: tuple[ChangeView, ...]


@returns(ChangeList)
@known_as("pending", "queue", "waiting", "pending approvals")
@headline(Task.CHANGE)
@command(examples=("change list", "change list mine", "change list all --since 7d"))
async def change_list(args: ChangeListArguments, ctx: Context) -> Reply:
    """List open and finished changes.

    Open changes are listed first, however old they are: those that wait for people before those that run.
    """
    since: timedelta = parse_period(args.since, ctx.now(), ctx.invocation.actor.time_zone)
    open_changes = await ctx.changes.rows.newest(OPEN)

    def is_listed(record: ChangeRecord) -> bool:
        is_ours = args.which != "mine" or record.requester.id == ctx.invocation.actor.member
        return is_ours and ctx.may_see_plan(record.plan)

    finished = []
    if args.which != "open":
        finished = await find_changes(ctx, OVER, LISTED + 1, is_listed, since=ctx.now() - since)
    listed = sorted(filter(is_listed, open_changes), key=lambda each: _ORDER.index(each.state))
    records = [*listed, *finished[:LISTED]]
    parts: tuple[Part, ...] = (Text(_explain_nothing(args, ctx.invocation.line)),)
    if records:
        parts = (_make_table(records, open_changes, ctx.now()), _HINT)
    if len(finished) > LISTED:
        parts = (*parts, _MORE)
    result = ChangeList(changes=tuple(map(ChangeView.of, records)))
    return Reply(_make_title(records, args), parts, result=result)


_HINT = Note("“change show ID” shows the details of a change, with its buttons.")
_MORE = Note(f"Only the newest {LISTED} finished changes are listed. “audit search” finds older ones.")

_ORDER = (ChangeState.UNKNOWN, ChangeState.PROPOSED, ChangeState.RUNNING, ChangeState.APPROVED)
"""The states of open changes: first those that wait for people."""


def _make_table(records: Sequence[ChangeRecord], others: Sequence[ChangeRecord], now: datetime) -> Table:
    """Return a row for each change. `others` are the changes that may be queued before one of them."""
    names, by_id = distinct_actions(records), {each.id: each for each in records}
    columns: tuple[Column[ChangeView], ...] = (
        Column("Change", "id", cell=lambda each: each.id),
        Column("State", cell=lambda each: by_id[each.id].label),
        Column("Action", cell=lambda each: names[each.id]),
        Column(
            "Waiting for, or progress",
            "progress",
            cell=lambda each: describe_progress(by_id[each.id], find_ahead(by_id[each.id], others)),
        ),
        wide("Requested by", "requester", cell=lambda each: each.requester.name),
        wide("When", cell=lambda each: format_ago(each.requested_at, now)),
    )
    return make_table("Changes", columns, map(ChangeView.of, records))


def _make_title(records: Sequence[ChangeRecord], args: ChangeListArguments) -> str:
    """Return how many changes are listed, and how many are in each state."""
    which = "open change" if args.which == "open" else "change"
    yours = " of yours" if args.which == "mine" else ""
    if not records:
        return f"You have no {which}s" if yours else f"There are no {which}s that you may see"
    states = Counter(each.label for each in records)
    counts = ", ".join(f"{count:,} {label}" for label, count in states.items())
    return f"{format_count(len(records), which)}{yours}: {counts}"


def _explain_nothing(args: ChangeListArguments, line: str) -> str:
    if args.which == "open":
        return f"`{line} change list all` lists finished ones too."
    return f"Finished changes are listed from the last {args.since}; `--since 90d` looks further back."

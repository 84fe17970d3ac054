"""`/pg summary changes`: what was changed, what waits, and for whom."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from bot.changes.record import WAITING, Record, State
from bot.command import Arguments, command
from bot.context import Context
from bot.moments import duration
from bot.reply import Chart, Fields, Part, Reply, Table, Text
from bot.reports.mentions import mentions
from bot.wording import counted

TROUBLED = frozenset({State.FAILED, State.UNKNOWN, State.NOT_IN_EFFECT})


class SummaryChangesArguments(Arguments):
    """How far back."""

    since: Annotated[str, Field(description="How far back, such as 24h or 7d")] = "7d"


@command(examples=("summary changes", "summary changes --since 24h"))
async def summary_changes(args: SummaryChangesArguments, ctx: Context) -> Reply:
    """Sum up changes: how they ended, what waits and for whom."""
    period = duration(args.since)
    everything = await ctx.changes.rows.latest(limit=1_000, since=ctx.now() - period)
    records = [each for each in everything if ctx.may_see(each.plan.target.as_cluster())]
    if not records:
        return Reply(f"No changes in {args.since}", (Text("Nobody has asked for any."),))
    waiting = [each for each in records if each.state in WAITING]
    states = Counter(each.state.value for each in records)
    parts: list[Part] = [
        Fields(tuple((state.capitalize(), count) for state, count in sorted(states.items())))
    ]
    parts += _table("Waiting", waiting)
    parts += _table("In trouble", [each for each in records if each.state in TROUBLED])
    parts += _chart(records, period, ctx.now())
    roles = (role for each in waiting if each.state is State.PROPOSED for role in each.need.roles)
    parts += mentions(roles, ctx.settings)
    return Reply(f"{counted(len(records), 'change')} in {args.since}: {len(waiting)} waiting", tuple(parts))


def _table(caption: str, records: list[Record]) -> list[Part]:
    columns = ("Change", "What", "State", "Asked by", "Needs")
    rows = tuple(
        (each.id, each.plan.action, each.state.value, each.requester.name, each.need.words())
        for each in records
    )
    return [Table(caption, columns, rows, name=caption.casefold().replace(" ", "-"))] if rows else []


def _chart(records: list[Record], period: timedelta, now: datetime) -> list[Part]:
    days = [(now - timedelta(days=back)).date() for back in reversed(range(min(period.days + 1, 31)))]
    counts = Counter(each.proposed_at.date() for each in records)
    labels = tuple(f"{each:%Y-%m-%d}" for each in days)
    return [Chart("Changes by day", "bar", labels, (("asked for", tuple(counts[each] for each in days)),))]

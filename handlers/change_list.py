"""`/pg change list`: changes that wait, run or have ended."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from bot.changes.card import COLUMNS, list_rows
from bot.changes.record import OPEN, OVER, ChangeRecord
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, command
from bot.domain.phrases import counted
from bot.domain.reply import Note, Reply, Table
from bot.domain.times import parse_duration

LISTED, LOOKED_AT = 100, 1_000
"""Changes that are over: how many are listed, and among how many those are found that one may see."""


class ChangeListArguments(Arguments):
    """Which changes."""

    which: Annotated[
        Literal["open", "mine", "all"],
        Positional(),
        Field(description="open: not over yet; mine: asked for by you; all"),
    ] = "open"
    since: Annotated[str, Field(description="How far back for those that are over, such as 12h or 30d")] = (
        "30d"
    )


@command(examples=("change list", "change list mine", "change list all --since 7d"))
async def change_list(args: ChangeListArguments, ctx: Context) -> Reply:
    """List changes: what waits for whom, what runs, and how the others ended.

    What is open comes first, however old it is.
    """
    since: timedelta = parse_duration(args.since)
    going_on = await ctx.changes.rows.newest(OPEN)
    over = [] if args.which == "open" else await _over(args, ctx.now() - since, ctx)
    wanted = [record for record in over if _is_wanted(record, args, ctx)]
    records = [*(each for each in going_on if _is_wanted(each, args, ctx)), *wanted[:LISTED]]
    table = Table("Changes", COLUMNS, list_rows(records, going_on, ctx.now()), name="changes")
    notes = [_HINT] if records else []
    if len(wanted) > LISTED or len(over) == LOOKED_AT:
        notes.append(_MORE)
    return Reply(f"{counted(len(records), 'change')} ({args.which})", (table, *notes))


_HINT = Note("“change show” with an id says everything about one, and has its buttons.")
_MORE = Note(f"Of those that are over, only the newest {LISTED} are listed; “audit search” finds the others.")


async def _over(args: ChangeListArguments, since: datetime, ctx: Context) -> list[ChangeRecord]:
    who = ctx.invocation.actor.member if args.which == "mine" else ""
    return await ctx.changes.rows.newest(OVER, LOOKED_AT, since=since, requester=who)


def _is_wanted(record: ChangeRecord, args: ChangeListArguments, ctx: Context) -> bool:
    is_ours = args.which != "mine" or record.requester.id == ctx.invocation.actor.member
    return is_ours and ctx.may_see(record.plan.target.as_cluster())

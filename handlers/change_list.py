"""`/pg change list`: changes that wait, run or have ended."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from bot.changes.card import COLUMNS, row
from bot.changes.record import Record
from bot.command import Arguments, Positional, command
from bot.context import Context
from bot.moments import duration
from bot.reply import Note, Reply, Table
from bot.wording import counted


class ChangeListArguments(Arguments):
    """Which changes."""

    which: Annotated[
        Literal["open", "mine", "all"],
        Positional(),
        Field(description="open: not over yet; mine: asked for by you; all"),
    ] = "open"
    since: Annotated[str, Field(description="How far back, such as 12h or 30d")] = "30d"


@command(examples=("change list", "change list mine", "change list all --since 7d"))
async def change_list(args: ChangeListArguments, ctx: Context) -> Reply:
    """List changes: what waits for whom, what runs, and how the others ended."""
    since: timedelta = duration(args.since)
    records = [
        record
        for record in await ctx.changes.rows.latest(since=ctx.now() - since)
        if _is_wanted(record, args, ctx) and ctx.may_see(record.plan.target.as_cluster())
    ]
    rows = tuple(row(record, ctx.now()) for record in records)
    table = Table("Changes", COLUMNS, rows, name="changes")
    note = Note("“change show” with an id says everything about one, and has its buttons.")
    return Reply(f"{counted(len(rows), 'change')} ({args.which})", (table, *([note] if rows else [])))


def _is_wanted(record: Record, args: ChangeListArguments, ctx: Context) -> bool:
    if args.which == "open":
        return record.is_open
    return args.which == "all" or record.requester.id == ctx.invocation.actor.member

"""`/pg change list`: changes that wait, run or have ended."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from bot.changes.card import COLUMNS, list_rows
from bot.changes.record import OPEN, OVER, ChangeRecord
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Positional, Task, command, headline, known_as
from bot.commands.form_layout import InForm
from bot.domain.phrases import format_count
from bot.domain.reply import Note, Reply, Table
from bot.domain.times import parse_duration
from handlers.shared.visible_changes import find_changes

LISTED = 100
"""The most finished changes that are listed."""


class ChangeListArguments(Arguments):
    which: Annotated[
        Literal["open", "mine", "all"],
        Positional(),
        InForm(label="Show", hint="Mine are the changes that you requested."),
        Field(description="Changes to list; “mine” are those that you requested"),
    ] = "open"
    since: Annotated[
        str,
        InForm(label="Finished in the last", hint="", example="30d"),
        Field(description="Period for finished changes, such as 12h or 30d"),
    ] = "30d"


@known_as("pending", "queue", "waiting", "pending approvals")
@headline(Task.CHANGE)
@command(examples=("change list", "change list mine", "change list all --since 7d"))
async def change_list(args: ChangeListArguments, ctx: Context) -> Reply:
    """List open and finished changes.

    Open changes are listed first, however old they are.
    """
    since: timedelta = parse_duration(args.since)
    open_changes = await ctx.changes.rows.newest(OPEN)
    finished = [] if args.which == "open" else await _read_finished(args, ctx.now() - since, ctx)
    records = [*(each for each in open_changes if _is_listed(each, args, ctx)), *finished[:LISTED]]
    table = Table("Changes", COLUMNS, list_rows(records, open_changes, ctx.now()), name="changes")
    notes = [_HINT] if records else []
    if len(finished) > LISTED:
        notes.append(_MORE)
    return Reply(f"{format_count(len(records), 'change')} ({args.which})", (table, *notes))


_HINT = Note("“change show ID” shows the details of a change, with its buttons.")
_MORE = Note(f"Only the newest {LISTED} finished changes are listed. “audit search” finds older ones.")


async def _read_finished(args: ChangeListArguments, since: datetime, ctx: Context) -> list[ChangeRecord]:
    return await find_changes(ctx, OVER, LISTED + 1, lambda each: _is_listed(each, args, ctx), since=since)


def _is_listed(record: ChangeRecord, args: ChangeListArguments, ctx: Context) -> bool:
    is_ours = args.which != "mine" or record.requester.id == ctx.invocation.actor.member
    return is_ours and ctx.may_see_plan(record.plan)

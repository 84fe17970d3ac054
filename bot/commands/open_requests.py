"""The open change that a person has already requested with the same line, for a program that repeats it."""

from bot.changes.record import OPEN, ChangeRecord
from bot.commands.context import Context
from bot.commands.parser import ParsedCommand, parse
from bot.domain.errors import InputError


async def find_open_request(parsed: ParsedCommand, ctx: Context) -> ChangeRecord | None:
    """Return the open change that this person requested with the same command and arguments, if there is one.

    The lines are compared as they were typed: “--to 2h” a minute later means the same request.
    """
    for record in await ctx.changes.rows.newest(OPEN):
        is_alike = record.plan.command == parsed.command.name
        if is_alike and record.requester.id == ctx.invocation.actor.member:
            line = await _read_line(record, ctx)
            if _means_the_same(line, parsed, ctx):
                return record
    return None


async def _read_line(record: ChangeRecord, ctx: Context) -> str:
    """Return the line with which the change was requested; empty for one that took another's place."""
    rows = await ctx.audit.find_related(record.id)
    trace = next((row.trace for row in rows if row.kind == "plan" and row.change == record.id), None)
    return next((row.text for row in rows if row.kind == "invocation" and row.trace == trace), "")


def _means_the_same(line: str, parsed: ParsedCommand, ctx: Context) -> bool:
    try:
        other = parse(line, ctx.registry)
    except InputError:
        return False
    return other.command.words == parsed.command.words and other.arguments == parsed.arguments

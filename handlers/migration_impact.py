"""`/pg migration impact`: what the bot's own users do today that v2 does not offer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from bot.audit.records import AuditRow, split_actor
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, command, known_as, returns
from bot.domain.api_capabilities import Operation, substitute_on_v2
from bot.domain.phrases import format_count
from bot.domain.reply import Column, Note, Reply, Text, show_table
from bot.domain.result import CommandResult
from handlers.shared.audit_view import note_hidden
from handlers.shared.audit_visibility import AuditVisibility
from handlers.shared.lost_commands import LOST_COMMANDS, NO_LOG, LostCommands, read_uses


class MigrationImpactArguments(Arguments):
    days: Annotated[int, InForm(label="Days to look back", hint=""), Field(ge=1, le=366)] = 90
    """Number of days to look back"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostUse:
    """Uses of a command by a person in a channel. `actor` is as in the audit log, `channel` null in the
    terminal."""

    command: str
    actor: str
    channel: str | None
    uses: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LostOperation:
    """A used operation that v2 does not offer, and what to do instead, in words."""

    operation: Operation
    substitute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationImpact(CommandResult):
    """Uses since a time, the most used command first. Earlier uses than `log_begins_at` are unknown; where it
    is null there is no log, and nothing could be counted."""

    uses: tuple[LostUse, ...]
    operations: tuple[LostOperation, ...]
    since: datetime
    log_begins_at: datetime | None


@returns(MigrationImpact)
@known_as("deprecated", "stops working")
@command(examples=("migration impact", "migration impact --days 30"))
async def migration_impact(args: MigrationImpactArguments, ctx: Context) -> Reply:
    """Show which commands your team loses on v2, and the substitutes.

    It counts, from the audit log, who used commands that v2 does not support, by person and channel. Uses on
    clusters that you may not see are left out.
    """
    beginning = await ctx.audit.beginning()
    since = ctx.now() - timedelta(days=args.days)
    if beginning is None:
        return Reply(
            f"Can't count uses: {NO_LOG.why}",
            (Note("Ask in Slack, or start pgbot serve, which writes the log."),),
            ok=False,
            result=MigrationImpact(uses=(), operations=(), since=since, log_begins_at=None),
        )
    sight = await AuditVisibility.of(ctx)
    found = [(each, await read_uses(each, since, ctx.audit)) for each in LOST_COMMANDS]
    visible = [(each, [row for row in rows if sight.may_see(row)]) for each, rows in found]
    used = [(each, rows) for each, rows in visible if rows]
    result = MigrationImpact(
        uses=_count_uses(used),
        operations=tuple(
            LostOperation(operation=each.operation, substitute=substitute_on_v2(each.operation))
            for each, _ in used
        ),
        since=since,
        log_begins_at=beginning,
    )
    parts = show_table("Uses", _COLUMNS, result.uses)
    parts += [Text(f"{each.operation.capitalize()}: {each.substitute}") for each in result.operations]
    parts += note_hidden(sight)
    if beginning > since:
        parts.append(Note(f"The audit log begins on {beginning:%Y-%m-%d}, so earlier uses are unknown."))
    number = sum(len(rows) for _, rows in used)
    uses = format_count(number, "use") if used else "No uses"
    title = f"{uses} of commands that v2 does not support in the last {format_count(args.days, 'day')}"
    return Reply(title, tuple(parts), result=result)


_COLUMNS: tuple[Column[LostUse], ...] = (
    Column("Command", cell=lambda each: each.command),
    Column("Person", cell=lambda each: each.actor),
    Column("Channel", cell=lambda each: each.channel),
    Column("Uses", cell=lambda each: each.uses),
    Column("Last", cell=lambda each: each.last_at),
)


def _count_uses(used: Sequence[tuple[LostCommands, list[AuditRow]]]) -> tuple[LostUse, ...]:
    """Count uses by command, person and channel, the most used command first."""
    rows = [row for _, found in used for row in found]
    who = split_actor(rows)
    times: dict[tuple[str, str, str], list[datetime]] = defaultdict(list)
    for row in rows:
        times[row.command, who(row), row.channel].append(row.at)
    return tuple(
        LostUse(command=name, actor=person, channel=channel or None, uses=len(found), last_at=max(found))
        for (name, person, channel), found in sorted(times.items(), key=lambda each: (-len(each[1]), each[0]))
    )

"""`/pg audit story`: everything that belongs to one change or one trace, in order."""

from dataclasses import dataclass
from typing import Annotated

from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Positional, command, known_as, returns
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import NoSuchThing
from bot.domain.phrases import format_count
from bot.domain.reply import Note, Reply
from bot.domain.result import CommandResult
from bot.domain.times import format_span
from handlers.shared.audit_view import AuditRecord, list_entries, make_entries_table, note_hidden
from handlers.shared.audit_visibility import AuditVisibility


class AuditStoryArguments(Arguments):
    of: Annotated[
        str,
        Positional(),
        InForm(label="Change or trace", hint="The id of a change, or a trace from an entry or message."),
    ]
    """Id of a change, or a trace from an entry or message"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditStory(CommandResult):
    """The audit entries of a change or trace, the oldest first."""

    entries: tuple[AuditRecord, ...]


@returns(AuditStory)
@known_as("history of", "what happened")
@command(examples=("audit story 3f2a9c04b1d7",))
async def audit_story(args: AuditStoryArguments, ctx: Context) -> Reply:
    """Show all audit entries of one change or trace, in order."""
    sight = await AuditVisibility.of(ctx)
    rows = await ctx.audit.find_related(args.of)
    seen = [row for row in rows if sight.may_see(row)]
    if not seen:
        raise NoSuchThing(
            ErrorCode.AUDIT_NOT_FOUND,
            f"No audit entry has the change or trace “{args.of}”.",
            "“audit list” shows the traces.",
        )
    entries = list_entries(seen, await sight.name_rows(seen, ctx), sight)
    note = Note("“audit show ENTRY” shows one entry with its API requests.")
    title = f"{args.of}: {format_count(len(seen), 'entry')} within {format_span(seen[-1].at - seen[0].at)}"
    parts = (make_entries_table(entries, sight), *note_hidden(sight), note)
    return Reply(title, parts, result=AuditStory(entries=entries))

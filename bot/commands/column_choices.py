"""The columns that a person has chosen for the tables of a command, remembered until they choose others."""

from dataclasses import dataclass, replace

from bot.commands.parser import ParsedCommand
from bot.domain.command_info import CommandEffect
from bot.domain.errors import StoreError
from bot.domain.reply import Note, Reply, Table
from bot.domain.request import Invocation, Origin
from bot.domain.table_columns import DEFAULT, prefer_columns
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import upsert
from bot.runtime.logger import get_logger

log = get_logger()


@dataclass(frozen=True, slots=True)
class ColumnChoices:
    """Chooses the columns of an answer. Without its store a table has its usual columns, so nothing fails for
    a database that cannot be read or written."""

    database: SqliteDatabase

    async def apply(self, reply: Reply, parsed: ParsedCommand, invocation: Invocation) -> Reply:
        """Return the reply with the columns that are remembered; where the person has typed others, remember
        those, which the reply has already."""
        actor, command, flags = invocation.actor, parsed.command, parsed.flags
        person = "" if actor.origin is Origin.SCHEDULE else actor.member or str(actor)
        if not person or flags.wide or command.effect is not CommandEffect.READ:
            return reply
        if not flags.columns:
            return prefer_columns(reply, await self._find(person, command.name))
        is_shown = invocation.is_typed and not (flags.csv or flags.output.is_for_programs)
        if not is_shown or not await self._store(person, command.name, _choice(flags.columns, reply)):
            return reply
        line = f"{invocation.line} {command.name} --columns {DEFAULT}"
        text = f"You'll see these columns from now on. {line} shows the usual ones again."
        if DEFAULT in flags.columns:
            text = "You'll see the usual columns again."
        return replace(reply, parts=(*reply.parts, Note(text)))

    async def _find(self, person: str, command: str) -> tuple[str, ...]:
        """Return the chosen columns; empty for the usual ones."""
        if self.database.is_empty:
            return ()
        query = "SELECT columns FROM column_choices WHERE person = ? AND command = ?"
        try:
            row = await self.database.read(lambda db: db.execute(query, [person, command]).fetchone())
        except StoreError as error:
            log.debug("chosen columns not read", error=str(error))
            return ()
        return tuple(row[0].split(",")) if row else ()

    async def _store(self, person: str, command: str, words: tuple[str, ...] | None) -> bool:
        """Remember the choice; return whether it was another one before."""
        if words is None or words == await self._find(person, command):
            return False
        row = {"person": person, "command": command, "columns": ",".join(words)}
        statement = "DELETE FROM column_choices WHERE person = ? AND command = ?"
        try:
            if words:
                key = ("person", "command")
                await self.database.write(lambda db: upsert(db, "column_choices", row, key=key))
            else:
                await self.database.write(lambda db: db.execute(statement, [person, command]))
        except StoreError as error:
            log.warning("chosen columns not stored", error=str(error))
            return False
        return True


def _choice(typed: tuple[str, ...], reply: Reply) -> tuple[str, ...] | None:
    """Return the words to remember; None where no table has shown that they name columns."""
    if DEFAULT in typed:
        return ()
    return typed if any(isinstance(part, Table) for part in reply.parts) else None

"""The columns that a person has chosen for the tables of a command."""

from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import upsert


class ColumnChoiceRows:
    """Store of chosen columns, by person and command. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def find(self, person: str, command: str) -> tuple[str, ...]:
        """Return the chosen columns; empty for the usual ones."""
        if self._database.is_empty:
            return ()
        query = "SELECT columns FROM column_choices WHERE person = ? AND command = ?"
        row = await self._database.read(lambda db: db.execute(query, [person, command]).fetchone())
        return tuple(row[0].split(",")) if row else ()

    async def put(self, person: str, command: str, words: tuple[str, ...]) -> None:
        """Remember the choice, empty for the usual columns."""
        row = {"person": person, "command": command, "columns": ",".join(words)}
        if words:
            await self._database.write(
                lambda db: upsert(db, "column_choices", row, key=("person", "command"))
            )
            return
        statement = "DELETE FROM column_choices WHERE person = ? AND command = ?"
        await self._database.write(lambda db: db.execute(statement, [person, command]))

"""Home tabs that have been opened, and the state that they show."""

from dataclasses import dataclass
from datetime import datetime

from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import upsert


@dataclass(frozen=True, slots=True)
class OpenHome:
    """A person's Home tab, and the line whose answer it shows."""

    person: str
    team: str
    line: str


class HomeRows:
    """Store of Home tabs, for every process of the bot. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def add_opened(self, home: OpenHome, at: datetime, shown: str) -> None:
        """Note that a person has opened their Home tab or turned a page: it shows the state `shown`."""
        row = {
            "person": home.person,
            "team": home.team,
            "line": home.line,
            "opened_at": time_to_text(at),
            "shown": shown,
        }
        await self._database.write(lambda db: upsert(db, "homes", row, key=("person",)))

    async def find_line(self, person: str) -> str:
        """Return the line that a person's Home tab last showed; empty before its first time."""
        query = "SELECT line FROM homes WHERE person = ?"
        row = await self._database.read(lambda db: db.execute(query, [person]).fetchone())
        return row[0] if row else ""

    async def find_stale(self, marker: str, since: datetime) -> list[OpenHome]:
        """Return the tabs opened from `since` on that show another state than `marker`."""
        query = "SELECT person, team, line FROM homes WHERE opened_at >= ? AND shown != ? ORDER BY person"
        return await self._database.read(
            lambda db: [OpenHome(*row) for row in db.execute(query, [time_to_text(since), marker])]
        )

    async def set_shown(self, person: str, marker: str) -> None:
        """Note that a tab shows this state now."""
        statement = "UPDATE homes SET shown = ? WHERE person = ?"
        await self._database.write(lambda db: db.execute(statement, [marker, person]))

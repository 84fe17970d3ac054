"""Home tabs that have been opened, and the state that they show."""

from datetime import datetime

from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import upsert


class HomeRows:
    """Store of Home tabs, for every process of the bot. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def add_opened(self, person: str, team: str, at: datetime, shown: str) -> None:
        """Note that a person has opened their Home tab, which shows the state `shown`."""
        row = {"person": person, "team": team, "opened_at": time_to_text(at), "shown": shown}
        await self._database.write(lambda db: upsert(db, "homes", row, key=("person",)))

    async def find_stale(self, marker: str, since: datetime) -> list[tuple[str, str]]:
        """Return person and team of the tabs opened from `since` on that show another state than `marker`."""
        query = "SELECT person, team FROM homes WHERE opened_at >= ? AND shown != ? ORDER BY person"
        return await self._database.read(
            lambda db: [(row[0], row[1]) for row in db.execute(query, [time_to_text(since), marker])]
        )

    async def set_shown(self, person: str, marker: str) -> None:
        """Note that a tab shows this state now."""
        statement = "UPDATE homes SET shown = ? WHERE person = ?"
        await self._database.write(lambda db: db.execute(statement, [marker, person]))

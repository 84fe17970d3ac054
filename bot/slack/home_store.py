"""Whose Home tabs have been opened, and what they show."""

from datetime import datetime

from sqlite_utils import Database as Sqlite

from bot.runtime.database.columns import text
from bot.runtime.database.database import SqliteDatabase


class HomeRows:
    """Home tabs in SQLite; see `bot.slack.app_home`. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def opened(self, person: str, team: str, at: datetime, shown: str) -> None:
        """Somebody looks at it, and sees it as of `shown`."""
        await self._database.write(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO homes VALUES (?, ?, ?, ?)", [person, team, text(at), shown]
            )
        )

    async def marker(self) -> str:
        """Another text whenever a change has moved."""

        def read(db: Sqlite) -> str:
            count, versions = db.execute("SELECT count(*), coalesce(sum(version), 0) FROM changes").fetchone()
            return f"{count}.{versions}"

        return await self._database.read(read)

    async def stale(self, marker: str, since: datetime) -> list[tuple[str, str]]:
        """Person and team of those opened from `since` on that show something else than `marker`."""
        return await self._database.read(
            lambda db: [
                (row[0], row[1])
                for row in db.execute(
                    "SELECT person, team FROM homes WHERE opened_at >= ? AND shown != ? ORDER BY person",
                    [text(since), marker],
                )
            ]
        )

    async def shows(self, person: str, marker: str) -> None:
        """It shows this now."""
        await self._database.write(
            lambda db: db.execute("UPDATE homes SET shown = ? WHERE person = ?", [marker, person])
        )

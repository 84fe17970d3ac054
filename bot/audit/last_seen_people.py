"""What the rows tell of people whom Slack cannot be asked about: how they are called, and their time zone."""

from sqlite_utils import Database as Sqlite

from bot.runtime.database.database import SqliteDatabase

_ASKED = (
    "SELECT requester_name, time_zone FROM changes WHERE requester = ? AND origin = 'slack'"
    " ORDER BY proposed_at DESC LIMIT 1"
)
_VOTED = "SELECT name FROM votes WHERE voter = ? AND name NOT IN ('', ?) ORDER BY at DESC LIMIT 1"


class LastSeenPeople:
    """People by Slack user id, as Slack last told of them. All methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def of(self, person: str, user: str) -> tuple[str, str]:
        """Name and time zone, the newest that were kept; empty where none was. `user` is how the machine
        calls them, under which votes from its terminal were kept before."""

        def read(db: Sqlite) -> tuple[str, str]:
            asked = db.execute(_ASKED, [person]).fetchone()
            if asked is not None:
                return asked[0], asked[1]
            voted = db.execute(_VOTED, [person, user]).fetchone()
            return voted[0] if voted is not None else "", ""

        return await self._database.read(read)

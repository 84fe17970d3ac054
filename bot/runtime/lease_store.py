"""The last claim of a data folder to the Slack app, in its database; see `bot.runtime.bot_lease`."""

from dataclasses import asdict

from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, upsert
from bot.runtime.lease_claim import LastClaim


class LeaseRow:
    """The one row. Both methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def last(self) -> LastClaim:
        """Return the last claim that was held, an empty one that is released if there was none."""
        query = "SELECT stamp, home, counts_from, is_released FROM bot_lease"
        row = await self._database.read(lambda db: db.execute(query).fetchone())
        if row is None:
            return LastClaim()
        return LastClaim(stamp=row[0], home=row[1], counts_from=row[2], is_released=bool(row[3]))

    async def keep(self, claim: LastClaim) -> None:
        """Keep a claim in place of the last one."""
        row = {"only": 1, **asdict(claim)}
        await self._database.write(lambda db: upsert(db, "bot_lease", row, key=("only",)))


def is_current(db: Transaction, epoch: str) -> bool:
    """Return whether this epoch, if any, is the one of the folder's last claim, and that one not released."""
    if not epoch:
        return True
    row = db.execute("SELECT stamp FROM bot_lease WHERE is_released = 0").fetchone()
    return row is not None and row[0] == epoch

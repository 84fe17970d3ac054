"""Claims to the Slack app by bots, and the places that keep them; see `bot.runtime.bot_lease`."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from bot.domain.errors import SlackError
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, upsert


class ClaimGone(SlackError):
    """The claim's message was removed, or Slack no longer lets it be edited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseHolder:
    """One run of the bot. `home` names its data folder on the running system, empty where that gives it no
    name; two runs with the same home cannot overlap."""

    host: str
    folder: str
    since: datetime
    home: str = ""
    run: str = field(default_factory=lambda: secrets.token_hex(8))

    def __str__(self) -> str:
        return f"pgbot on {self.host} (data folder {self.folder}, since {self.since:%Y-%m-%d %H:%M} UTC)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseClaim:
    """A claim as it is in the channel. `stamp` is the message's, `until` the end of its term in seconds since
    1970 by Slack's clock. It ends the claims up to the stamp `ends`."""

    holder: LeaseHolder
    stamp: str = ""
    until: float = 0.0
    ends: str = ""


class ClaimBoard(Protocol):
    """The channel that keeps the claims. Every method raises SlackError."""

    async def post(self, claim: LeaseClaim, seconds: float) -> str:
        """Post a claim for so many seconds from when Slack stamps it; return the stamp."""
        ...

    async def extend(self, claim: LeaseClaim) -> None:
        """Write the claim's new end. Raises ClaimGone."""
        ...

    async def remove(self, stamp: str) -> None:
        """Remove a claim; one that is gone already is fine."""
        ...

    async def read(self, since: float) -> Sequence[LeaseClaim]:
        """Return the claims from `since` on, by Slack's clock, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LastClaim:
    """The last claim that a data folder held. It counted from `counts_from` on, by Slack's clock, which is
    UNKNOWN while another bot's claim is being removed."""

    UNKNOWN: ClassVar[float] = -1.0

    stamp: str = ""
    home: str = ""
    counts_from: float = 0.0
    is_released: bool = True


class LeaseRow:
    """The last claim of a data folder, the one row in its database. Both methods raise StoreError."""

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
        """Keep this one; an attempt with another epoch cannot be recorded from then on."""
        row = {"only": 1, **asdict(claim)}
        await self._database.write(lambda db: upsert(db, "bot_lease", row, key=("only",)))


def is_current(db: Transaction, epoch: str) -> bool:
    """Return whether this epoch, if any, is the one of the folder's last claim, and that one not released."""
    if not epoch:
        return True
    row = db.execute("SELECT stamp FROM bot_lease WHERE is_released = 0").fetchone()
    return row is not None and row[0] == epoch

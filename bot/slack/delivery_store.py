"""Rows of the delivery log: one for each message, there before it is sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.runtime.database.columns import optional_time, time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, insert_new, update


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackDelivery:
    """A message by its key. `ts` is empty until it is known to be there; `tried_at` is the time of a try
    whose outcome is not known.

    `mark` is what tells it from others in the conversation: the key in its metadata, or the ids of its files.
    `is_copied`: a second one was sent although nobody could look for the first.
    """

    key: str
    channel: str
    mark: str
    thread: str = ""
    ts: str = ""
    tried_at: datetime | None = None
    is_copied: bool = False


class DeliveryRows:
    """Store of deliveries. Writes are on disk when they return; all methods raise StoreError."""

    def __init__(self, database: SqliteDatabase) -> None:
        self._database = database

    async def begin(self, delivery: SlackDelivery, at: datetime) -> SlackDelivery | None:
        """Note that a message is about to be sent, or return what is known of one that may be there."""
        row = {
            "key": delivery.key,
            "channel": delivery.channel,
            "thread": delivery.thread,
            "mark": delivery.mark,
            "tried_at": time_to_text(at),
        }

        def work(db: Transaction) -> SlackDelivery | None:
            if insert_new(db, "deliveries", row | {"kept_at": time_to_text(at)}):
                return None
            [known] = [_delivery(each) for each in db.query(_BY_KEY, [delivery.key])]
            if known.ts or known.tried_at is not None:
                return known
            update(db, "deliveries", row, "key = ?", [delivery.key])
            return None

        return await self._database.write(work)

    async def get(self, key: str) -> SlackDelivery | None:
        """Return what is known of a message; None for one that was never tried."""
        found = await self._database.read(lambda db: [_delivery(each) for each in db.query(_BY_KEY, [key])])
        return found[0] if found else None

    async def set_state(self, delivery: SlackDelivery) -> None:
        """Note what is known of a message now."""
        tried_at = None if delivery.tried_at is None else time_to_text(delivery.tried_at)
        row = {
            "channel": delivery.channel,
            "mark": delivery.mark,
            "ts": delivery.ts,
            "tried_at": tried_at,
            "is_copied": delivery.is_copied,
        }
        await self._database.write(lambda db: update(db, "deliveries", row, "key = ?", [delivery.key]))

    async def forget(self, before: datetime) -> None:
        """Delete what was first tried before a time."""
        statement = "DELETE FROM deliveries WHERE kept_at < ?"
        await self._database.write(lambda db: db.execute(statement, [time_to_text(before)]))


_BY_KEY = "SELECT * FROM deliveries WHERE key = ?"


def _delivery(row: dict[str, Any]) -> SlackDelivery:
    known = {name: row[name] for name in ("key", "channel", "mark", "thread", "ts")}
    return SlackDelivery(**known, tried_at=optional_time(row["tried_at"]), is_copied=bool(row["is_copied"]))

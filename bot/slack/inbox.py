"""Slack's deliveries, each committed before its ack, handled once, and kept to recognise a second one."""

from collections.abc import Collection
from datetime import timedelta

from bot.commands.interrupted import UnansweredDelivery
from bot.domain.errors import StoreError
from bot.domain.redaction import make_storable
from bot.domain.request import Invocation
from bot.runtime.clock import Clock
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import Transaction, insert_new
from bot.runtime.health_page import Health
from bot.runtime.logger import get_logger

log = get_logger()

KEEP = timedelta(hours=24)
"""Time for which a repeated delivery is recognised. Slack's last retry of an event comes after five minutes,
after a day with delayed events switched on (slack-facts: "The Events API")."""

TIDY_SECONDS = 3_600
"""Seconds between two deletions of what is older than `KEEP`."""


class Inbox:
    """The inbox: `accept` before the ack, `answered` after the answer, `unanswered` after a crash.

    Writes are on disk when they return; whatever asks the database raises StoreError.
    """

    def __init__(self, database: SqliteDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._accepted: float | None = None

    async def accept(self, invocation: Invocation) -> bool:
        """Commit the delivery. Return False if it is a repeated one.

        The `response_url` is a secret that posts as the bot, so it is never stored: after a crash the answer
        goes by direct message.
        """
        self._accepted = self._clock.monotonic()
        given = {
            "key": invocation.key,
            "trace": invocation.trace,
            "team": invocation.actor.team,
            "actor": invocation.actor.id,
            "channel": invocation.channel,
            "text": invocation.text,
        }
        row = {name: make_storable(value) for name, value in given.items()}
        row["received_at"] = time_to_text(self._clock.now())
        return await self._database.write(lambda db: insert_new(db, "inbox", row))

    async def answered(self, key: str) -> None:
        """Mark the delivery as answered: drop the typed text, keep the key."""
        statement = "UPDATE inbox SET answered_at = ?, text = '' WHERE key = ?"
        values = [time_to_text(self._clock.now()), make_storable(key)]
        await self._database.write(lambda db: db.execute(statement, values))

    async def unanswered(self) -> list[UnansweredDelivery]:
        """Return the unanswered deliveries, oldest first, each with its rows of the audit log.

        `team` is that of the first audit row in what an earlier release took in.
        """
        query = """
            SELECT key, inbox.trace, inbox.actor AS user, inbox.channel, inbox.text,
                coalesce(nullif(inbox.team, ''), first.team, '') AS team,
                coalesce(first.command, '') AS command,
                first.outcome AS began, last.outcome AS ended, stalled_at IS NOT NULL AS is_stalled
            FROM inbox
            LEFT JOIN audit AS first ON first.seq =
                (SELECT min(seq) FROM audit WHERE trace = inbox.trace AND kind = 'invocation')
            LEFT JOIN audit AS last ON last.seq =
                (SELECT max(seq) FROM audit WHERE trace = inbox.trace AND kind = 'outcome')
            WHERE answered_at IS NULL ORDER BY received_at
        """
        rows = await self._database.read(lambda db: list(db.query(query)))
        return [UnansweredDelivery(**{**row, "is_stalled": bool(row["is_stalled"])}) for row in rows]

    async def mark_stalled(self, deliveries: Collection[UnansweredDelivery]) -> None:
        """Note that the bot stood still while it worked on these, and was ended: they are not run again."""
        statement = "UPDATE inbox SET stalled_at = ? WHERE key = ? AND stalled_at IS NULL"
        at = time_to_text(self._clock.now())

        def work(db: Transaction) -> None:
            for each in deliveries:
                db.execute(statement, [at, each.key])

        await self._database.write(work)

    async def check(self) -> Health:
        """Return how long ago the last delivery came, for `/readyz`; nobody may be at work."""
        last = self._accepted
        age = None if last is None else int(self._clock.monotonic() - last)
        return Health(figures={"last_delivery_seconds": age})

    async def tidy(self) -> None:
        """Delete answered deliveries older than `KEEP`, or from after that by a wrong clock; none while the
        clock is in doubt."""
        if self._clock.doubt is None:
            statement = (
                "DELETE FROM inbox WHERE answered_at IS NOT NULL AND (received_at < ? OR received_at > ?)"
            )
            now = self._clock.now()
            values = [time_to_text(now - KEEP), time_to_text(now + KEEP)]
            await self._database.write(lambda db: db.execute(statement, values))

    async def keep_tidy(self) -> None:
        """Call `tidy` now and every hour until cancelled."""
        while True:
            try:
                await self.tidy()
            except StoreError as error:
                log.warning("inbox not tidied", error=str(error))
            await self._clock.sleep(TIDY_SECONDS)

"""Slack's deliveries, each committed before its ack and handled once."""

from collections.abc import Collection
from datetime import timedelta

from bot.commands.interrupted import UnansweredDelivery
from bot.domain.errors import StoreError
from bot.domain.redaction import make_storable
from bot.domain.request import Invocation
from bot.runtime.clock import Clock
from bot.runtime.health_page import Health
from bot.runtime.logger import get_logger
from bot.slack.inbox_store import InboxRows

log = get_logger()

KEEP = timedelta(hours=24)
"""Time for which a repeated delivery is recognised. Slack's last retry of an event comes after five minutes,
after a day with delayed events switched on (slack-facts: "The Events API")."""

TIDY_SECONDS = 3_600
"""Seconds between two deletions of what is older than `KEEP`."""


class Inbox:
    """The inbox: `accept` before the ack, `answered` after the answer, `unanswered` after a crash."""

    def __init__(self, store: InboxRows, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._accepted: float | None = None

    async def accept(self, invocation: Invocation) -> bool:
        """Commit the delivery. Return False if it is a repeated one. Raises StoreError.

        The `response_url` is a secret that posts as the bot, so it is never stored: after a crash the answer
        goes by direct message.
        """
        self._accepted = self._clock.monotonic()
        row = {
            "key": invocation.key,
            "trace": invocation.trace,
            "team": invocation.actor.team,
            "actor": invocation.actor.id,
            "channel": invocation.channel,
            "text": invocation.text,
        }
        return await self._store.add(
            {name: make_storable(value) for name, value in row.items()}, self._clock.now()
        )

    async def answered(self, key: str) -> None:
        """Mark the delivery as answered: drop the typed text, keep the key."""
        await self._store.answer(make_storable(key), self._clock.now())

    async def unanswered(self) -> list[UnansweredDelivery]:
        """Return the unanswered deliveries, oldest first."""
        return [
            UnansweredDelivery(
                key=row["key"],
                trace=row["trace"],
                user=row["actor"],
                channel=row["channel"],
                text=row["text"],
                team=row["team"] or "",
                command=row["command"] or "",
                began=row["began"],
                ended=row["ended"],
                is_stalled=row["stalled_at"] is not None,
            )
            for row in await self._store.unanswered()
        ]

    async def mark_stalled(self, deliveries: Collection[UnansweredDelivery]) -> None:
        """Note that the bot stood still while it worked on these: they are not run again."""
        await self._store.mark_stalled([each.key for each in deliveries], self._clock.now())

    async def check(self) -> Health:
        """Return how long ago the last delivery came, for `/readyz`; nobody may be at work."""
        last = self._accepted
        age = None if last is None else int(self._clock.monotonic() - last)
        return Health(figures={"last_delivery_seconds": age})

    async def tidy(self) -> int:
        """Delete answered deliveries older than `KEEP`, or from after that by a wrong clock; return how many.

        None while the clock is in doubt.
        """
        if self._clock.doubt is not None:
            return 0
        now = self._clock.now()
        return await self._store.forget(now - KEEP, now + KEEP)

    async def keep_tidy(self) -> None:
        """Call `tidy` now and every hour until cancelled."""
        while True:
            try:
                await self.tidy()
            except StoreError as error:
                log.warning("inbox not tidied", error=str(error))
            await self._clock.sleep(TIDY_SECONDS)

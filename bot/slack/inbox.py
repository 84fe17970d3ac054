"""What Slack delivered: committed before the ack, and each delivery acted on once."""

from datetime import timedelta

import structlog

from bot.commands.interrupted import UnansweredDelivery
from bot.domain.errors import StoreError
from bot.domain.redaction import storable
from bot.domain.request import Invocation
from bot.runtime.clock import Clock
from bot.slack.inbox_store import InboxRows

log = structlog.get_logger()

KEEP = timedelta(hours=24)
"""How long a delivery is recognised. Slack's last retry of an event comes after five minutes, with
delayed events switched on after a day (slack-facts: "The Events API")."""

TIDY_SECONDS = 3_600
"""Between two rounds of forgetting what is older than `KEEP`."""

PROBE_SECONDS = 5
"""How long the answer of a probe counts: whoever asks for it often must not keep the disk busy."""


class Inbox:
    """The door: `accept` before the ack, `answered` after the answer, `unanswered` after a crash."""

    def __init__(self, store: InboxRows, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._probed_until: float | None = None
        self._is_writable = False

    async def accept(self, invocation: Invocation) -> bool:
        """Commit the delivery. False: it is here already and must not run again. Raises StoreError.

        The `response_url` is a secret that posts as the bot, so it is never stored: after a crash the
        answer goes by direct message.
        """
        row = {
            "key": invocation.key,
            "trace": invocation.trace,
            "actor": invocation.actor.id,
            "channel": invocation.channel,
            "text": invocation.text,
        }
        return await self._store.add(
            {name: storable(value) for name, value in row.items()}, self._clock.now()
        )

    async def answered(self, key: str) -> None:
        """The person has their answer; what they typed is forgotten, the key is kept."""
        await self._store.answer(storable(key), self._clock.now())

    async def unanswered(self) -> list[UnansweredDelivery]:
        """What was taken in and not answered, oldest first."""
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
            )
            for row in await self._store.unanswered()
        ]

    async def is_writable(self) -> bool:
        """Whether the disk takes a write now, or did within the last `PROBE_SECONDS`."""
        now = self._clock.monotonic()
        if self._probed_until is None or self._probed_until <= now:
            try:
                await self._store.probe(self._clock.now())
            except StoreError as error:
                log.warning("the store takes no write", error=str(error))
                self._is_writable = False
            else:
                self._is_writable = True
            self._probed_until = now + PROBE_SECONDS
        return self._is_writable

    async def tidy(self) -> int:
        """Forget answered deliveries older than `KEEP`; returns how many."""
        return await self._store.forget(self._clock.now() - KEEP)

    async def keep_tidy(self) -> None:
        """`tidy` now and every hour, until cancelled."""
        while True:
            try:
                await self.tidy()
            except StoreError as error:
                log.warning("inbox not tidied", error=str(error))
            await self._clock.sleep(TIDY_SECONDS)

"""What Slack delivered: committed before the ack, and each delivery acted on once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.clock import Clock
from bot.domain import Invocation
from bot.secrets import redact

KEEP = timedelta(hours=24)
"""How long a delivery is recognised. Slack's last retry of an event comes after five minutes, with
delayed events switched on after a day (slack-facts: "The Events API")."""


class InboxStore(Protocol):
    """Where deliveries are kept; every method is durable when it returns."""

    async def add(self, row: dict[str, str], at: datetime) -> bool: ...

    async def answer(self, key: str, at: datetime) -> None: ...

    async def unanswered(self) -> list[dict[str, Any]]: ...

    async def forget(self, before: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A delivery that was taken in and never answered, because the bot stopped in between."""

    key: str
    trace: str
    user: str
    text: str


class Inbox:
    """The door: `accept` before the ack, `answered` after the answer, `unanswered` after a crash."""

    def __init__(self, store: InboxStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

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
            "text": redact(invocation.text),
        }
        return await self._store.add(row, self._clock.now())

    async def answered(self, key: str) -> None:
        """The person has their answer; what they typed is forgotten, the key is kept."""
        await self._store.answer(key, self._clock.now())

    async def unanswered(self) -> list[Unanswered]:
        """What was taken in and not answered, oldest first."""
        return [
            Unanswered(key=row["key"], trace=row["trace"], user=row["actor"], text=row["text"])
            for row in await self._store.unanswered()
        ]

    async def tidy(self) -> int:
        """Forget answered deliveries older than `KEEP`; returns how many."""
        return await self._store.forget(self._clock.now() - KEEP)

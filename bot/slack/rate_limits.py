"""Not faster than Slack takes it: a message a second per channel, an edit every three per message."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot.domain.errors import SlackError
from bot.runtime.clock import Clock
from bot.slack.message_renderer import SlackMessage
from bot.slack.retry_wait import RetryWait

MESSAGE_SECONDS = 1.0
"""Between two messages in one channel (Slack docs, "Rate limits")."""
EDIT_SECONDS = 3.0
"""Between two edits of one message: chat.update takes 50 a minute, and people must be able to read."""
DRAIN_SECONDS = 5.0
"""How long edits under way may take at the end: a pause between two, and a call."""
_REMEMBERED = 500

_log = structlog.get_logger()

Edit = Callable[[str, str, SlackMessage], Awaitable[None]]


class MessagePace:
    """Gives each message in a channel a moment of its own, first come, first served."""

    def __init__(self, clock: Clock, patience: RetryWait | None = None) -> None:
        self._clock = clock
        self._patience = patience or RetryWait(clock)
        self._free: dict[str, float] = {}

    async def turn(self, channel: str) -> None:
        """Come back when it is this message's turn."""
        now = self._clock.monotonic()
        if len(self._free) > _REMEMBERED:
            self._free = {name: at for name, at in self._free.items() if at > now}
        at = max(now, self._free.get(channel, now))
        self._free[channel] = at + MESSAGE_SECONDS
        if at > now:
            await self._patience.wait(at - now)


@dataclass(slots=True)
class _Card:
    """A message that is edited in place: what it should say, and since when it may be edited again."""

    latest: SlackMessage
    due: float
    waiting: asyncio.Task[None] | None = None
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)


class EditPace:
    """Edits that come too fast become one: the latest wins, and everyone who asked learns how it went."""

    def __init__(self, clock: Clock, edit: Edit, patience: RetryWait | None = None) -> None:
        self._clock = clock
        self._patience = patience or RetryWait(clock)
        self._edit = edit
        self._cards: dict[tuple[str, str], _Card] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def update(self, channel: str, ts: str, message: SlackMessage) -> None:
        """Come back when this message, or one that came after it, is shown. Raises SlackError."""
        self._forget()
        card = self._cards.setdefault((channel, ts), _Card(message, self._clock.monotonic()))
        card.latest = message
        if card.waiting is None:
            card.waiting = asyncio.create_task(self._send(channel, ts, card))
            self._tasks.add(card.waiting)
            card.waiting.add_done_callback(self._done)
        # Shielded: one who no longer waits must not take the edit from the others.
        await asyncio.shield(card.waiting)

    async def drain(self, seconds: float = DRAIN_SECONDS) -> int:
        """Come back when nothing is under way any more, or after so long; how many edits were given up."""
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        while self._tasks and not sleeping.done():
            await asyncio.wait({*self._tasks, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        late = set(self._tasks)
        for each in (sleeping, *late):
            each.cancel()
        await asyncio.gather(sleeping, *late, return_exceptions=True)
        return len(late)

    async def _send(self, channel: str, ts: str, card: _Card) -> None:
        async with card.sending:
            await self._patience.wait(card.due - self._clock.monotonic())
            card.waiting = None
            card.due = self._clock.monotonic() + EDIT_SECONDS
            await self._edit(channel, ts, card.latest)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), SlackError):
            _log.warning("edit_refused", code=error.code)

    def _forget(self) -> None:
        if len(self._cards) > _REMEMBERED:
            now = self._clock.monotonic()
            alive = {key: card for key, card in self._cards.items() if card.waiting or card.due > now}
            self._cards = alive

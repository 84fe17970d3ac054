"""Slack's rate limits: one message a second per channel; edits of one message, and of all together."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.domain.errors import SlackError
from bot.domain.fair_order import FairOrder, MessagePriority
from bot.runtime.logger import get_logger
from bot.slack.message_renderer import SlackMessage
from bot.slack.web_api import RetryWait

MESSAGE_SECONDS = 1.0
"""Seconds between two messages in one channel (Slack docs, "Rate limits")."""
EDIT_SECONDS = 3.0
"""Seconds between two edits of one message: chat.update takes 50 a minute, and people need time to read."""
EDITS_AT_ONCE, EDITS_PER_SECOND = 40.0, 0.75
"""Edits of all messages at once, and from then on: chat.update takes 50 a minute."""
URGENT_EDITS = 10.0
"""Edits that are kept free for urgent messages."""
DRAIN_SECONDS = 5.0
"""Seconds for pending edits at the end: one pause between edits, and one call."""
_REMEMBERED = 500

_log = get_logger()

NO_PRIORITY = MessagePriority()

Edit = Callable[[str, str, SlackMessage], Awaitable[None]]


@dataclass(slots=True)
class _WaitingMessage:
    """A message that waits for its second in a channel."""

    priority: MessagePriority
    has_turn: bool = False


@dataclass(slots=True)
class _ChannelQueue:
    """The messages that wait for a channel, in order of arrival, and when the next may be posted there."""

    free_at: float
    waiting: list[_WaitingMessage] = field(default_factory=list)
    order: FairOrder = field(default_factory=FairOrder)


class MessagePace:
    """A queue that gives each message in a channel its own second, urgent ones and people in turn."""

    def __init__(self, retry_wait: RetryWait) -> None:
        self._clock, self._retry_wait = retry_wait.clock, retry_wait
        self._queues: dict[str, _ChannelQueue] = {}

    async def wait_turn(self, channel: str, priority: MessagePriority = NO_PRIORITY) -> None:
        queue, message = self._queue_of(channel), _WaitingMessage(priority)
        queue.waiting.append(message)
        try:
            while not message.has_turn:
                wait = queue.free_at - self._clock.monotonic()
                if wait > 0:
                    if not await self._retry_wait.wait(wait):
                        return
                elif queue.waiting:
                    # The first to wake gives the turn, which may be another's.
                    number = queue.order.choose([each.priority for each in queue.waiting])
                    queue.waiting.pop(number).has_turn = True
                    queue.free_at += MESSAGE_SECONDS
        finally:
            if message in queue.waiting:
                queue.waiting.remove(message)

    def _queue_of(self, channel: str) -> _ChannelQueue:
        now = self._clock.monotonic()
        if len(self._queues) > _REMEMBERED:
            self._queues = {
                name: each for name, each in self._queues.items() if each.waiting or each.free_at > now
            }
        queue = self._queues.setdefault(channel, _ChannelQueue(now))
        if not queue.waiting:
            queue.free_at = max(now, queue.free_at)
        return queue


@dataclass(slots=True)
class _PendingEdit:
    """The latest content for a message, and the time from which it may be edited again."""

    latest: SlackMessage
    due: float
    urgent: bool = False
    waiting: asyncio.Task[None] | None = None
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)


class EditPace:
    """A merger of edits that come too fast: only the latest is sent, and every caller learns the result."""

    def __init__(self, retry_wait: RetryWait, edit: Edit) -> None:
        self._clock, self._retry_wait = retry_wait.clock, retry_wait
        self._edit = edit
        self._pending: dict[tuple[str, str], _PendingEdit] = {}
        self._room, self._counted_at = EDITS_AT_ONCE, self._clock.monotonic()
        self._tasks: set[asyncio.Task[None]] = set()

    async def update(self, channel: str, ts: str, message: SlackMessage, *, urgent: bool = False) -> None:
        """Wait until this content, or a later one, is shown. Raises SlackError."""
        self._forget()
        edit = self._pending.setdefault((channel, ts), _PendingEdit(message, self._clock.monotonic()))
        edit.latest, edit.urgent = message, edit.urgent or urgent
        if edit.waiting is None:
            edit.waiting = asyncio.create_task(self._send(channel, ts, edit))
            self._tasks.add(edit.waiting)
            edit.waiting.add_done_callback(self._done)
        # Shielded: a caller that stops waiting must not cancel the edit for the others.
        await asyncio.shield(edit.waiting)

    async def drain(self, seconds: float = DRAIN_SECONDS) -> int:
        """Wait until no edit is pending, at most `seconds`, and return how many edits were given up."""
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        while self._tasks and not sleeping.done():
            await asyncio.wait({*self._tasks, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        late = set(self._tasks)
        for each in (sleeping, *late):
            each.cancel()
        await asyncio.gather(sleeping, *late, return_exceptions=True)
        return len(late)

    async def _send(self, channel: str, ts: str, edit: _PendingEdit) -> None:
        async with edit.sending:
            await self._retry_wait.wait(edit.due - self._clock.monotonic())
            await self._wait_for_room(edit)
            edit.waiting, edit.urgent = None, False
            edit.due = self._clock.monotonic() + EDIT_SECONDS
            await self._edit(channel, ts, edit.latest)

    async def _wait_for_room(self, edit: _PendingEdit) -> None:
        """Wait until the edit is within what Slack takes of all edits together, and count it."""
        while True:
            now = self._clock.monotonic()
            self._room = min(EDITS_AT_ONCE, self._room + (now - self._counted_at) * EDITS_PER_SECOND)
            self._counted_at = now
            missing = 1 + (0 if edit.urgent else URGENT_EDITS) - self._room
            # A sum of floats may miss a whole edit by rounding.
            if missing <= 1e-6 or not await self._retry_wait.wait(missing / EDITS_PER_SECOND):
                self._room -= 1
                return

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), SlackError):
            _log.warning("edit_refused", code=error.code)

    def _forget(self) -> None:
        if len(self._pending) > _REMEMBERED:
            now = self._clock.monotonic()
            alive = {key: edit for key, edit in self._pending.items() if edit.waiting or edit.due > now}
            self._pending = alive

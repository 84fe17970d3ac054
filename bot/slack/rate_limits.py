"""Slack's rate limits: one message a second per channel, one edit every three seconds per message."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from bot.domain.errors import SlackError
from bot.runtime.clock import Clock
from bot.slack.message_renderer import SlackMessage
from bot.slack.web_api import RetryWait

MESSAGE_SECONDS = 1.0
"""Seconds between two messages in one channel (Slack docs, "Rate limits")."""
EDIT_SECONDS = 3.0
"""Seconds between two edits of one message: chat.update takes 50 a minute, and people need time to read."""
DRAIN_SECONDS = 5.0
"""Seconds for pending edits at the end: one pause between edits, and one call."""
_REMEMBERED = 500

_log = structlog.get_logger()

Edit = Callable[[str, str, SlackMessage], Awaitable[None]]


class MessagePace:
    """A queue that gives each message in a channel its own second, first come, first served."""

    def __init__(self, clock: Clock, retry_wait: RetryWait | None = None) -> None:
        self._clock = clock
        self._retry_wait = retry_wait or RetryWait(clock)
        self._free: dict[str, float] = {}

    async def wait_turn(self, channel: str) -> None:
        """Wait until the next message may be posted in the channel."""
        now = self._clock.monotonic()
        if len(self._free) > _REMEMBERED:
            self._free = {name: at for name, at in self._free.items() if at > now}
        at = max(now, self._free.get(channel, now))
        self._free[channel] = at + MESSAGE_SECONDS
        if at > now:
            await self._retry_wait.wait(at - now)


@dataclass(slots=True)
class _PendingEdit:
    """The latest content for a message, and the time from which it may be edited again."""

    latest: SlackMessage
    due: float
    waiting: asyncio.Task[None] | None = None
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)


class EditPace:
    """A merger of edits that come too fast: only the latest is sent, and every caller learns the result."""

    def __init__(self, clock: Clock, edit: Edit, retry_wait: RetryWait | None = None) -> None:
        self._clock = clock
        self._retry_wait = retry_wait or RetryWait(clock)
        self._edit = edit
        self._pending: dict[tuple[str, str], _PendingEdit] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def update(self, channel: str, ts: str, message: SlackMessage) -> None:
        """Wait until this content, or a later one, is shown. Raises SlackError."""
        self._forget()
        edit = self._pending.setdefault((channel, ts), _PendingEdit(message, self._clock.monotonic()))
        edit.latest = message
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
            edit.waiting = None
            edit.due = self._clock.monotonic() + EDIT_SECONDS
            await self._edit(channel, ts, edit.latest)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), SlackError):
            _log.warning("edit_refused", code=error.code)

    def _forget(self) -> None:
        if len(self._pending) > _REMEMBERED:
            now = self._clock.monotonic()
            alive = {key: edit for key, edit in self._pending.items() if edit.waiting or edit.due > now}
            self._pending = alive

"""Answers that Slack did not take: sent again while the bot runs, in order for each conversation."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from bot.domain.errors import SlackError
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.slack.web_api import RetryWait

T = TypeVar("T")

KEEP_ANSWER = timedelta(minutes=15)
"""Time for which an answer is kept. It may be private, so it is never written to disk, and it is in the
memory of the process for no longer than that: a key in memory would protect nothing better. After that, or
a restart, the person hears that it was lost; see `bot.slack.responder`."""

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 60.0
"""Seconds until the next try, doubled with each one."""

log = get_logger()


class DeliveryRetry:
    """Repeats a sending whose parts have keys, so that what is there is not sent again."""

    def __init__(self, clock: Clock, retry_wait: RetryWait) -> None:
        self._clock = clock
        self._retry_wait = retry_wait
        self._lines: dict[str, list[asyncio.Event]] = {}

    async def __call__(self, conversation: str, send: Callable[[], Awaitable[T]]) -> T:
        """Send, behind what is being retried for the conversation, and again while the trouble passes.

        Raises SlackError: what does not pass at once, the rest after `KEEP_ANSWER` or when the bot stops.
        """
        until = self._clock.monotonic() + KEEP_ANSWER.total_seconds()
        if conversation not in self._lines:
            try:
                return await send()
            except SlackError as error:
                if not error.trouble.passes:
                    raise
                log.warning("sending again", conversation=conversation, code=error.code)
                first = error
        else:
            first = None
        turn = asyncio.Event()
        line = self._lines.setdefault(conversation, [])
        line.append(turn)
        try:
            if line[0] is not turn:
                await turn.wait()
            return await self._repeat(send, until, first)
        finally:
            self._leave(conversation, turn)

    async def _repeat(self, send: Callable[[], Awaitable[T]], until: float, error: SlackError | None) -> T:
        pause = FIRST_PAUSE
        while True:
            if error is not None:
                left = until - self._clock.monotonic()
                if left <= 0 or not await self._retry_wait.wait(min(pause, left)):
                    raise error
                pause = min(2 * pause, LONGEST_PAUSE)
            try:
                return await send()
            except SlackError as refused:
                if not refused.trouble.passes:
                    raise
                error = refused

    def _leave(self, conversation: str, turn: asyncio.Event) -> None:
        line = self._lines[conversation]
        line.remove(turn)
        if line:
            line[0].set()
        else:
            del self._lines[conversation]

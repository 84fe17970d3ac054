"""Waiting for Slack: what it does not answer now it may answer later, and meanwhile people can read why."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.domain.errors import SlackUnavailable
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger

T = TypeVar("T")

log = get_logger()

FIRST_SECONDS, LONGEST_SECONDS = 1.0, 60.0
"""Seconds before the second try, doubled with each further one up to the longest."""

LOG_SECONDS = 60.0


@dataclass(slots=True)
class SlackRetry:
    """Repeats a call until Slack answers it. `why` says what stands in the way now; empty for nothing."""

    clock: Clock
    why: str = ""
    _logged_at: float | None = None

    async def until_answered(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what the call returns, once it no longer raises SlackUnavailable. Raises its other errors.

        Waits as long as Slack asks for, else longer and longer, and never exactly as long as another bot.
        """
        pause = FIRST_SECONDS
        while True:
            try:
                answer = await call()
            except SlackUnavailable as error:
                wait = max(error.seconds, pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
                self._note(error, wait)
                await self.clock.sleep(wait)
                pause = min(2 * pause, LONGEST_SECONDS)
            else:
                self.why = ""
                return answer

    def _note(self, error: SlackUnavailable, wait: float) -> None:
        self.why = error.sentence
        now = self.clock.monotonic()
        if self._logged_at is None or now - self._logged_at >= LOG_SECONDS:
            self._logged_at = now
            log.warning("waiting for slack", why=error.sentence, seconds=round(wait, 1))

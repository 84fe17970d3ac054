"""How far a long command has come, said where its answer will stand."""

import asyncio
from types import TracebackType
from typing import Protocol, Self

from bot.runtime.clock import Clock
from bot.slack.rate_limits import EDIT_SECONDS

FIRST = 2.0
"""Seconds that a command has before its wait is explained; most are done by then."""

WAITS = (FIRST, EDIT_SECONDS, 10.0)
"""Seconds before each message. A response_url works five times (slack-facts, 2): three messages, one use to
take the last one back, and one that is always left for the answer."""

WORKING = "Working on it"


class Say(Protocol):
    """Shows words, `again` in the place of those before."""

    async def __call__(self, words: str, *, again: bool) -> bool:
        """Whether Slack took them. Never raises."""
        ...


class ProgressMessage:
    """A progress that says where a command is, from `FIRST` seconds on, and nothing once it is left.

    Used as `async with Interim(say, clock) as progress`; `is_shown` then says whether something was said.
    """

    def __init__(self, say: Say, clock: Clock) -> None:
        self._say = say
        self._clock = clock
        self._words = WORKING
        self._saying = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.is_shown = False

    async def __call__(self, words: str) -> None:
        """Remember where the command is now; the command never waits for Slack."""
        self._words = words

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._tell())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._task is None:
            return
        # Words that are on their way arrive first: Slack would show the answer, and then them in its place.
        async with self._saying:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _tell(self) -> None:
        said = ""
        for wait in WAITS:
            await self._clock.sleep(wait)
            while self._words == said:
                await self._clock.sleep(EDIT_SECONDS)
            said = self._words
            async with self._saying:
                is_taken = await self._say(f"{said}…", again=self.is_shown)
                self.is_shown = self.is_shown or is_taken

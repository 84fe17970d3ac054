"""The progress of a long command, shown where its answer will stand."""

import asyncio
from types import TracebackType
from typing import Protocol, Self

from bot.runtime.clock import Clock
from bot.slack.rate_limits import EDIT_SECONDS

FIRST = 2.0
"""Seconds before the first message; most commands are done by then."""

WAITS = (FIRST, EDIT_SECONDS, 10.0)
"""Seconds before each message. A response_url works five times (slack-facts, 2): three messages, one use to
remove the last one, and one for the answer."""

WORKING = "Working on it"


class ShowProgress(Protocol):
    """A way to show words, or to `replace` those shown before."""

    async def __call__(self, words: str, *, replace: bool) -> bool:
        """Return whether Slack took them. Never raises."""
        ...


class ProgressMessage:
    """A context manager whose value shows a command's progress from `FIRST` seconds on.

    Used as `async with ProgressMessage(show, clock) as progress`; `is_shown` tells whether something was
    shown.
    """

    def __init__(self, show: ShowProgress, clock: Clock) -> None:
        self._show = show
        self._clock = clock
        self._words = WORKING
        self._hurried = asyncio.Event()
        self._sending = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.is_shown = False

    async def __call__(self, words: str) -> None:
        """Remember the command's progress; the command never waits for Slack."""
        self._words = words

    async def show_now(self, words: str) -> None:
        """Remember the progress, and show it without the wait before the first message."""
        self._words = words
        self._hurried.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._show_updates())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._task is None:
            return
        # Let a message under way arrive first: otherwise Slack would show it in place of the answer.
        async with self._sending:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _wait_first(self) -> None:
        waits = {asyncio.ensure_future(each) for each in (self._clock.sleep(FIRST), self._hurried.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def _show_updates(self) -> None:
        shown = ""
        for wait in WAITS:
            await (self._clock.sleep(wait) if shown else self._wait_first())
            while self._words == shown:
                await self._clock.sleep(EDIT_SECONDS)
            shown = self._words
            async with self._sending:
                is_taken = await self._show(f"{shown}…", replace=self.is_shown)
                self.is_shown = self.is_shown or is_taken

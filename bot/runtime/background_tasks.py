"""Background tasks: strong references while they run, a drain before the end, and signals that begin it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, cast

from bot.domain.errors import PgbotError
from bot.runtime.logger import get_logger

log = get_logger()


class Tasks:
    """The running tasks. The event loop keeps only weak references, with which a task may vanish half-way."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._endless: set[asyncio.Task[Any]] = set()
        self._failure: PgbotError | None = None
        self.closing = asyncio.Event()
        """Set when a drain begins: what only waits can end then."""
        self._cut_off: Callable[[], object] = lambda: None

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, Any], name: str, *, endless: bool = False) -> asyncio.Task[Any]:
        """Run `work` in the background; an exception in it is logged.

        `endless` work is cancelled by a drain at once, and the bot cannot do without it; see `needed`.
        """
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        if endless:
            self._endless.add(task)
        task.add_done_callback(self._finished)
        return task

    @asynccontextmanager
    async def needed(self) -> AsyncIterator[None]:
        """Cut the body off as soon as endless work fails. Raises PgbotError then."""
        body = cast("asyncio.Task[Any]", asyncio.current_task())
        self._cut_off = body.cancel
        try:
            if self._failure is None:
                yield
                await asyncio.sleep(0)  # where it has just been cut off, that comes to light here
        except asyncio.CancelledError:
            if self._failure is None:
                raise
            body.uncancel()
        finally:
            self._cut_off = lambda: None
        if self._failure is not None:
            raise self._failure

    def _finished(self, task: asyncio.Task[Any]) -> None:
        is_endless = task in self._endless
        self._running.discard(task)
        self._endless.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not (is_endless and isinstance(error, PgbotError)):
            log.error("background task failed", task=task.get_name(), exc_info=error)
        if error is not None and is_endless:
            self._failure = error if isinstance(error, PgbotError) else _broken(task.get_name())
            self._cut_off()

    async def drain(self, seconds: float) -> int:
        """Wait up to `seconds` for running tasks, cancel the rest and return how many that cut off.

        The time that endless work takes to close counts towards it.
        """
        self.closing.set()
        endless, running = set(self._endless), set(self._running)
        for task in endless:
            task.cancel()
        if not running:
            return 0
        _, late = await asyncio.wait(running, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return len(late - endless)


def _broken(name: str) -> PgbotError:
    return PgbotError(
        f"A part of the bot without which it is of no use has failed ({name}); its log has the details.",
        "Start it again: it continues what it had begun.",
    )


@asynccontextmanager
async def stopped_by_signal() -> AsyncIterator[asyncio.Event]:
    """Provide an event that SIGTERM and SIGINT set, so that a stop is clean and the exit code 0."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

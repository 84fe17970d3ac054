"""Background work that is remembered: strong references while it runs, and a drain before the end."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class Tasks:
    """The event loop keeps only weak references to tasks; one that nobody holds can vanish half-way."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._endless: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, Any], name: str, *, endless: bool = False) -> asyncio.Task[Any]:
        """Run `work` in the background; an exception that it lets out is logged, never lost.

        `endless` work has no end to wait for: a drain cancels it at once.
        """
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        if endless:
            self._endless.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        self._endless.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background task failed", task=task.get_name(), exc_info=error)

    async def drain(self, seconds: float) -> int:
        """Wait so long for what runs, then cancel the rest; returns how many were cancelled half-way."""
        endless = set(self._endless)
        await _cancel(endless)
        running = self._running - endless
        if not running:
            return 0
        _, late = await asyncio.wait(running, timeout=seconds)
        await _cancel(late)
        return len(late)


async def _cancel(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

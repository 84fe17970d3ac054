"""Tells whoever looks (the web page, a test) that something in the workspace has changed."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from bot.demo.workspace.refusal import Json


class ChangeFeed:
    """A broadcast of small facts ("channel C0OPS changed"). Late listeners read the state instead."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Json | None]] = set()
        self._closed = False
        self._changed = asyncio.Event()

    def announce(self, kind: str, **facts: str | None) -> None:
        """Tell every listener; never waits."""
        self._changed.set()
        self._changed = asyncio.Event()
        for queue in self._queues:
            queue.put_nowait({"kind": kind, **facts})

    def close(self) -> None:
        """End every listening, so that a server that stops does not wait for open pages."""
        self._closed = True
        for queue in self._queues:
            queue.put_nowait(None)

    async def listen(self) -> AsyncGenerator[Json, None]:
        """Everything announced from now on, until `close`."""
        if self._closed:
            return
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            while (fact := await queue.get()) is not None:
                yield fact
        finally:
            self._queues.discard(queue)

    async def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until the condition holds, looking after each announcement. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not condition():
                await self._changed.wait()

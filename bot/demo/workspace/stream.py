"""A feed of changes in the workspace, for the console."""

import asyncio
from collections.abc import AsyncGenerator

from bot.demo.workspace.refusal import Json


class ChangeFeed:
    """A broadcast of changes ("channel C0OPS changed"). A late listener reads the state instead."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Json | None]] = set()
        self._closed = False

    def announce(self, kind: str, **details: str | None) -> None:
        """Send a change to every listener without waiting."""
        for queue in self._queues:
            queue.put_nowait({"kind": kind, **details})

    def close(self) -> None:
        """End every `listen`, so that a stopping server does not wait for open pages."""
        self._closed = True
        for queue in self._queues:
            queue.put_nowait(None)

    async def listen(self) -> AsyncGenerator[Json, None]:
        """Yield every change from now on, until `close`."""
        if self._closed:
            return
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            while (change := await queue.get()) is not None:
                yield change
        finally:
            self._queues.discard(queue)

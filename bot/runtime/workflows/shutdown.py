"""What an ordinary stop must not cut in two. A step says so itself: only it knows when its request leaves.

A stop cuts workflows off at once, since the next start goes on with them. In the moment in which a request
has left and its answer is not noted, that would turn an outcome that is about to be known into one that
nobody knows.
"""

import asyncio
from contextvars import ContextVar


class ShutdownHold:
    """Whether a workflow may be cut off now."""

    def __init__(self) -> None:
        self._free = asyncio.Event()
        self._free.set()

    def hold(self) -> None:
        """It may not."""
        self._free.clear()

    def release(self) -> None:
        """It may."""
        self._free.set()

    async def released(self) -> None:
        """Wait until it may."""
        await self._free.wait()


current: ContextVar[ShutdownHold | None] = ContextVar("hold", default=None)
"""Of the workflow that this is in; the engine sets it. Without an engine nothing is held."""


def hold_stop() -> None:
    """From here on a stop waits, until the step that this is in has been recorded, or has let go."""
    if (hold := current.get()) is not None:
        hold.hold()


def release_stop() -> None:
    """Nothing is under way any more that a stop could spoil."""
    if (hold := current.get()) is not None:
        hold.release()

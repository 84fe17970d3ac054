"""Requests that an ordinary stop must not interrupt. A step says so: only it knows when its request leaves.

A stop cuts workflows off at once, since the next start resumes them. Between a request and the record of
its answer, that would turn an outcome that is about to be known into an unknown one.
"""

import asyncio
from contextvars import ContextVar


class ShutdownHold:
    """A hold on the stop by one workflow."""

    def __init__(self) -> None:
        self._free = asyncio.Event()
        self._free.set()

    def hold(self) -> None:
        """Hold the stop."""
        self._free.clear()

    def release(self) -> None:
        """Let go of the stop."""
        self._free.set()

    async def released(self) -> None:
        """Wait until nothing holds the stop."""
        await self._free.wait()


current: ContextVar[ShutdownHold | None] = ContextVar("hold", default=None)
"""The hold of the current workflow; the engine sets it. Without an engine nothing is held."""


def hold_stop() -> None:
    """Make a stop wait until the current step has been recorded, or has let go."""
    if (hold := current.get()) is not None:
        hold.hold()


def release_stop() -> None:
    """Let a stop proceed: no request is under way any more."""
    if (hold := current.get()) is not None:
        hold.release()

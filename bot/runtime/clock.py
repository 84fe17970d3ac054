"""Time, injected, aware and UTC, so that tests and the demo can move it."""

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """A clock to read and to wait on. Everything in `bot` that needs either takes one."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, for durations and deadlines."""
        ...

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait until this clock is `seconds` further."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

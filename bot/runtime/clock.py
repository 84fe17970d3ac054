"""Time as the bot sees it: injected, aware and UTC, so that tests and the demo can move it."""

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time and waits. Everything in `bot` that needs either takes one of these."""

    def now(self) -> datetime:
        """The time now, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow; for durations and deadlines, not for dates."""
        ...

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Come back when this clock is `seconds` further."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

"""Time, injected, aware and UTC, so that tests and the demo can move it; and what ends a wait early."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """The reason, in a sentence, why the machine's clock may be wrong.

    `is_known` says that `Clock.now` is right nevertheless, by what servers say.
    """

    why: str
    is_known: bool = False


class Clock(Protocol):
    """A clock to read and to wait on. Everything in `bot` that needs either takes one."""

    @property
    def doubt(self) -> ClockDoubt | None:
        """Return why the time may be wrong; None where nothing speaks against it.

        Meanwhile nothing expires, is deleted for its age, or is made on schedule.
        """
        ...

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
    """The clock of the machine, as it is."""

    doubt: ClockDoubt | None = None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Wakeup:
    """Bells that wake waiting loops at once, instead of at their next look at the time.

    They can be rung from anywhere in the loop, and waited for with a limit on our own clock.
    """

    def __init__(self) -> None:
        self._bells: list[asyncio.Event] = []

    def __call__(self) -> None:
        for bell in self._bells:
            bell.set()

    def bell(self) -> asyncio.Event:
        """Return a new bell. Every waiter needs its own, since hearing one silences it."""
        self._bells.append(asyncio.Event())
        return self._bells[-1]

    async def wait(self, bell: asyncio.Event, clock: Clock, seconds: float) -> None:
        """Return when the bell rings, or after `seconds`."""
        sleeping = asyncio.ensure_future(clock.sleep(seconds))
        waking = asyncio.ensure_future(bell.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (sleeping, waking):
                each.cancel()
            await asyncio.gather(sleeping, waking, return_exceptions=True)
        bell.clear()

"""An event that wakes waiting loops at once, instead of at their next look at the time."""

import asyncio

from bot.runtime.clock import Clock


class Wakeup:
    """Bells that can be rung from anywhere in the loop, and waited for with a limit on our own clock."""

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

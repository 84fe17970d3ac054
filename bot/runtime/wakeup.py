"""A bell that wakes whoever waits for work, so that nothing waits for the next look at the time."""

import asyncio

from bot.runtime.clock import Clock


class Wakeup:
    """Rings bells from anywhere in the loop; they are waited for with a limit on our own clock."""

    def __init__(self) -> None:
        self._bells: list[asyncio.Event] = []

    def __call__(self) -> None:
        for bell in self._bells:
            bell.set()

    def bell(self) -> asyncio.Event:
        """One for each that waits: who hears a bell silences it."""
        self._bells.append(asyncio.Event())
        return self._bells[-1]

    async def wait(self, bell: asyncio.Event, clock: Clock, seconds: float) -> None:
        """Come back when the bell rings, or after so long."""
        sleeping = asyncio.ensure_future(clock.sleep(seconds))
        waking = asyncio.ensure_future(bell.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (sleeping, waking):
                each.cancel()
            await asyncio.gather(sleeping, waking, return_exceptions=True)
        bell.clear()

"""Waiting for Slack's sake: on the injected clock, and no more once the bot stops."""

import asyncio

from bot.runtime.clock import Clock


class RetryWait:
    """Lets those who post or call wait, until the bot stops."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._over = asyncio.Event()

    def end(self) -> None:
        """Let nobody wait any longer: what is not sent now is caught up by the next start."""
        self._over.set()

    async def wait(self, seconds: float) -> bool:
        """Whether so many seconds have passed; False where the bot stops first."""
        if seconds <= 0:
            await self._clock.sleep(seconds)
            return True
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({sleeping, over}, return_when=asyncio.FIRST_COMPLETED)
            return sleeping.done()
        finally:
            for each in (sleeping, over):
                each.cancel()
            await asyncio.gather(sleeping, over, return_exceptions=True)

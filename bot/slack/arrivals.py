"""Acks before work: what deliveries start waits until none is on its way to its ack."""

import asyncio
import contextlib
from collections.abc import Iterator

PATIENCE = 0.5
"""Seconds that work waits at most, so that a stream of deliveries without end holds nobody up."""


class Arrivals:
    """Deliveries between their coming in and their ack.

    Two hundred at once are acked within the time that they need themselves; without this, the first ones'
    commands run in between, and the last acks wait for them.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._open = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Round the taking in of one delivery and its ack."""
        self._open += 1
        self._none.clear()
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._none.set()

    async def over(self) -> None:
        """Come back when none is on its way, or after its patience."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._none.wait()

"""Acks before work: what deliveries start waits until none is on its way to its ack."""

import asyncio
import contextlib
from collections.abc import Iterator

PATIENCE = 0.5
"""Seconds that work waits at most, so that a stream of deliveries without end holds nobody up."""

GRACE = 0.01
"""Seconds after an ack in which another delivery of the same rush may come in."""


class AckGate:
    """Deliveries between their coming in and a moment after their ack.

    Two hundred at once are acked within the time that they need themselves; without this, the first ones'
    commands run in between, and the last acks wait for them.
    """

    def __init__(self, patience: float = PATIENCE, grace: float = GRACE) -> None:
        self._patience, self._grace = patience, grace
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
            asyncio.get_running_loop().call_later(self._grace, self._gone)

    def _gone(self) -> None:
        self._open -= 1
        if not self._open:
            self._none.set()

    async def over(self) -> None:
        """Come back when none is on its way, or after its patience."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._none.wait()

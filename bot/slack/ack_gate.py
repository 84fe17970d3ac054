"""A gate that lets every delivery be acked before the work of any delivery begins."""

import asyncio
import contextlib
from collections.abc import Iterator

LONGEST_WAIT = 0.5
"""Seconds that work waits at most, so that an endless stream of deliveries holds nobody up."""

GRACE = 0.01
"""Seconds after an ack in which another delivery of the same burst may arrive."""


class AckGate:
    """A count of the deliveries between their arrival and a moment after their ack.

    Without it, the commands of the first deliveries in a burst run before the last ones are acked, and
    those acks come late.
    """

    def __init__(self, longest_wait: float = LONGEST_WAIT, grace: float = GRACE) -> None:
        self._longest_wait, self._grace = longest_wait, grace
        self._open = 0
        self._all_acked = asyncio.Event()
        self._all_acked.set()

    @contextlib.contextmanager
    def taking_in(self) -> Iterator[None]:
        """Hold work back while one delivery is stored and acked."""
        self._open += 1
        self._all_acked.clear()
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(self._grace, self._close_one)

    def _close_one(self) -> None:
        self._open -= 1
        if not self._open:
            self._all_acked.set()

    async def wait(self) -> None:
        """Wait until every delivery is acked, at most `longest_wait` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._longest_wait):
                await self._all_acked.wait()

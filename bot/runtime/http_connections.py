"""Limits of the bot's web server: how many connections there are, and how long a client may take.

When there are too many, one that waits for its client (for a head, for a body, or between two requests) is
closed: the oldest of the address that has most of them. So an address uses up what is its own; behind a proxy
the oldest of all goes. A request that the bot works on is never cut off.
"""

import asyncio
import contextlib
import resource
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

IDLE_SECONDS = 60.0
"""Seconds between two requests on one connection."""

GRACE_SECONDS = 0.2
"""Seconds that a new connection has for its request before another may take its place."""

LINGER_SECONDS = 2.0
"""Seconds for the answer to a client that was too slow; whether it reads it is its own affair."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """`most` connections at a time, and the `seconds` for a request's head, and again for its body."""

    most: int
    seconds: float

    def count_allowed(self) -> int:
        """Return the most connections that leave descriptors to the database, Slack and the cloud."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return self.most if soft == resource.RLIM_INFINITY else max(1, min(self.most, soft // 4))


class ClientConnection(Protocol):
    """A connection, as far as choosing one to give up is concerned."""

    address: str

    @property
    def waits_for_client(self) -> bool:
        """Return whether it is the client's turn."""
        ...

    def give_up(self) -> None:
        """Close it at once."""
        ...


class ConnectionTable:
    """The open connections, the oldest first. `now` tells seconds."""

    def __init__(self, limits: ConnectionLimits, now: Callable[[], float]) -> None:
        self.limits = limits
        self._now = now
        self._most = limits.count_allowed()
        self._opened_at: dict[ClientConnection, float] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._opened_at)

    def add(self, connection: ClientConnection) -> None:
        """Note a new connection."""
        self._opened_at[connection] = self._now()

    def remove(self, connection: ClientConnection) -> None:
        """Note that a connection has ended."""
        self._opened_at.pop(connection, None)
        self._changed.set()

    def note_turn(self) -> None:
        """Note that it is a client's turn, so that its connection may be given up."""
        self._changed.set()

    async def wait_for_room(self) -> None:
        """Wait until one more connection may be accepted."""
        while len(self) >= self._most:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.make_room()):
                    await self._changed.wait()

    def make_room(self) -> float | None:
        """Give up one connection; else return the seconds until one may be, None if the bot works on all."""
        waiting = [each for each in self._opened_at if each.waits_for_client]
        before = self._now() - GRACE_SECONDS
        old = [each for each in waiting if self._opened_at[each] <= before]
        if old:
            held = Counter(each.address for each in self._opened_at)
            # Of equal ones max returns the first, so the oldest.
            max(old, key=lambda each: held[each.address]).give_up()
        return self._opened_at[waiting[0]] - before if waiting and not old else None


class LimitedProtocol(H11Protocol):
    """uvicorn's protocol with a time limit for each part of a request, and none for the bot's own work."""

    table: ConnectionTable
    address = ""
    _timer: asyncio.TimerHandle | None = None
    _part: tuple[str, int] = ("", 0)

    @property
    def waits_for_client(self) -> bool:
        return self._name_part() != "answer"

    def give_up(self) -> None:
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._limit("head")
        self.table.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.table.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        part = self._name_part()
        self._limit("head" if part == "idle" else part)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._limit(self._name_part())

    def pause_writing(self) -> None:
        super().pause_writing()
        self._limit(self._name_part())

    def resume_writing(self) -> None:
        super().resume_writing()
        self._limit(self._name_part())

    def _name_part(self) -> str:
        """Return the part of a request that is next: its body, its answer, or that the client reads the
        answer; idle between two requests."""
        if self.conn.their_state is h11.SEND_BODY:
            return "body"
        if self.flow.write_paused:
            return "reading"
        return "answer" if self.conn.our_state in {h11.SEND_RESPONSE, h11.SEND_BODY} else "idle"

    def _limit(self, part: str) -> None:
        """Begin the time limit of a part, unless it runs already: a byte now and then must not prolong it."""
        now = (part, id(self.cycle))
        if now == self._part:
            return
        self._part = now
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if part == "answer":
            return
        self.table.note_turn()
        if part in {"head", "body"}:
            self._timer = self.loop.call_later(self.table.limits.seconds, self._end_slow, part)
        else:
            self._timer = self.loop.call_later(IDLE_SECONDS + LINGER_SECONDS, self.give_up)

    def _end_slow(self, part: str) -> None:
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE} and not self.transport.is_closing():
            words = f"The {part} of the request took longer than {self.table.limits.seconds:g} seconds.\n"
            head = (
                f"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: {len(words)}\r\n\r\n"
            )
            self.transport.write(f"{head}{words}".encode())
            self.transport.close()
        self._timer = self.loop.call_later(LINGER_SECONDS, self.give_up)

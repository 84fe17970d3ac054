"""Socket Mode, the server's end: connections, envelopes spread over them, and their acknowledgements."""

import asyncio
import itertools
import secrets
import uuid
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.demo.workspace.members import APP
from bot.demo.workspace.refusal import Json
from bot.runtime.clock import Clock

MOST = 10
"""Open connections per app (Slack documentation, "Using Socket Mode")."""

GRACE = 10.0
"""Seconds of the workspace's clock from asking a connection to go until it is closed from this side. Slack
warns about ten seconds ahead (Slack documentation, "Using Socket Mode")."""

USUAL = 18_060
"""Seconds that a connection is said to live. The stand-in's live on, so that a clock moved by days does not
cut the bot off, unless the address has `debug_reconnects=true`."""

BRIEF = 360
"""Seconds of the workspace's clock that a connection lives with `debug_reconnects=true` in its address (Slack
documentation, "Using Socket Mode")."""

Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


class CloseReason(Enum):
    """How a connection ends from this side: with a closing word, or without one."""

    CLOSE = auto()
    DROP = auto()


@dataclass(eq=False, slots=True)
class SocketConnection:
    """One open WebSocket. What is put into `outgoing` is sent; `leaving` means that no payload comes more."""

    outgoing: asyncio.Queue[Json | CloseReason] = field(default_factory=asyncio.Queue)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    def ask_to_go(self, reason: Reason) -> None:
        """Say so on the connection; after anything but a `warning` it is not used for payloads."""
        self.outgoing.put_nowait({"type": "disconnect", "reason": reason, "debug_info": {"host": "demo"}})
        if reason != "warning":
            self.leaving.set()


class Sockets:
    """All connections of the app. Payloads go to one of them, in turn."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tickets: set[str] = set()
        self._connections: list[SocketConnection] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turns = itertools.count()

    @property
    def connections(self) -> tuple[SocketConnection, ...]:
        """Those open now, oldest first."""
        return tuple(self._connections)

    def issue_ticket(self) -> str:
        """The single-use part of a WebSocket address."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Hold one connection: hello, envelopes out, acks in, until either side ends it."""
        ticket = socket.path_params["ticket"]
        if ticket not in self._tickets:
            await socket.close(code=4001)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        connection = SocketConnection()
        if len(self._connections) >= MOST:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return
        self._connections.append(connection)
        brief = socket.query_params.get("debug_reconnects") == "true"
        connection.outgoing.put_nowait(self._hello(BRIEF if brief else USUAL))
        talking = (self._read(socket), self._write(socket, connection))
        tasks = [asyncio.ensure_future(part) for part in (*talking, self._see_off(connection))]
        if brief:
            tasks.append(asyncio.ensure_future(self._grow_old(connection)))
        try:
            await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._forget(connection)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def deliver(
        self, envelope_type: str, payload: Json, *, seconds: float, **fields: object
    ) -> Json | None:
        """Send one envelope and wait for its ack. None when none comes in time; LookupError: nobody is there.

        The answer is the ack's payload, `{}` for a bare one.
        """
        connection = self._next()
        envelope_id = str(uuid.uuid4())
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": envelope_type,
            "payload": payload,
            "accepts_response_payload": envelope_type != "events_api",
            **fields,
        }
        acked: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = acked
        connection.outgoing.put_nowait(envelope)
        try:
            async with asyncio.timeout(seconds):
                return await acked
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(envelope_id, None)

    def disconnect(self, reason: Reason, at: int | None = None) -> None:
        """Ask the connection at this index, or every one, to go: `warning` is notice only, else it has to.

        Raises IndexError.
        """
        for connection in self._chosen(at):
            connection.ask_to_go(reason)

    def drop(self, at: int | None = None) -> None:
        """Cut one connection, or every one, without a closing word, as a lost network does."""
        for connection in self._chosen(at):
            connection.outgoing.put_nowait(CloseReason.DROP)

    def _chosen(self, at: int | None) -> tuple[SocketConnection, ...]:
        return self.connections if at is None else (self.connections[at],)

    close_all = drop

    def _hello(self, seconds: int) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": "demo", "build_number": 1, "approximate_connection_time": seconds},
            "connection_info": {"app_id": APP},
        }

    def _next(self) -> SocketConnection:
        staying = [connection for connection in self._connections if not connection.leaving.is_set()]
        if not staying:
            raise LookupError("no Socket Mode connection is open")
        return staying[next(self._turns) % len(staying)]

    def _forget(self, connection: SocketConnection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)

    async def _read(self, socket: WebSocket) -> None:
        try:
            while True:
                self._acknowledge(await socket.receive_json())
        except (WebSocketDisconnect, ValueError, KeyError):
            # The bot went away, or sends what is no JSON text: either way this connection is over.
            return

    def _acknowledge(self, ack: object) -> None:
        if not isinstance(ack, dict):
            return
        waiting = self._waiting.get(str(ack.get("envelope_id")))
        if waiting is not None and not waiting.done():
            payload = ack.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})

    async def _grow_old(self, connection: SocketConnection) -> None:
        await self._clock.sleep(BRIEF - GRACE)
        connection.ask_to_go("warning")
        await self._clock.sleep(GRACE)
        connection.ask_to_go("refresh_requested")

    async def _see_off(self, connection: SocketConnection) -> None:
        await connection.leaving.wait()
        await self._clock.sleep(GRACE)
        connection.outgoing.put_nowait(CloseReason.CLOSE)

    async def _write(self, socket: WebSocket, connection: SocketConnection) -> None:
        try:
            while not isinstance(envelope := await connection.outgoing.get(), CloseReason):
                await socket.send_json(envelope)
            if envelope is CloseReason.CLOSE:
                await socket.close()
        except (WebSocketDisconnect, RuntimeError):
            # Closed under our hands; the reader sees the same and ends the connection.
            return

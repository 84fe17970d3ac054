"""Socket Mode on the server's side: connections, envelopes and acks."""

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
"""Seconds of the workspace's clock between a disconnect message and closing the connection. Slack warns about
ten seconds ahead (Slack documentation, "Using Socket Mode")."""

STATED_LIFETIME = 18_060
"""Seconds that a connection is said to last. The simulator's last longer, so that moving the clock by days
does not cut the bot off, unless the address has `debug_reconnects=true`."""

DEBUG_LIFETIME = 360
"""Seconds of the workspace's clock that a connection lasts with `debug_reconnects=true` in its address (Slack
documentation, "Using Socket Mode")."""

Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


class CloseReason(Enum):
    """The way in which the server ends a connection: with a close frame, or without one."""

    CLOSE = auto()
    DROP = auto()


@dataclass(eq=False, slots=True)
class SocketConnection:
    """One open WebSocket. `outgoing` is sent in order; after `leaving` it gets no more payloads."""

    outgoing: asyncio.Queue[Json | CloseReason] = field(default_factory=asyncio.Queue)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)

    def send_disconnect(self, reason: Reason) -> None:
        """Send a disconnect message; except for a `warning`, the connection gets no more payloads."""
        self.outgoing.put_nowait({"type": "disconnect", "reason": reason, "debug_info": {"host": "demo"}})
        if reason != "warning":
            self.leaving.set()


class Sockets:
    """The app's connections. Payloads go to one of them, in turn."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tickets: set[str] = set()
        self._connections: list[SocketConnection] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turns = itertools.count()

    @property
    def connections(self) -> tuple[SocketConnection, ...]:
        """The open connections, oldest first."""
        return tuple(self._connections)

    def issue_ticket(self) -> str:
        """Return the single-use part of a WebSocket address."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, socket: WebSocket) -> None:
        """Serve one connection with hello, envelopes and acks until either side ends it."""
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
        is_debug = socket.query_params.get("debug_reconnects") == "true"
        connection.outgoing.put_nowait(self._hello(DEBUG_LIFETIME if is_debug else STATED_LIFETIME))
        streams = (self._read(socket), self._write(socket, connection))
        tasks = [asyncio.ensure_future(part) for part in (*streams, self._close_when_leaving(connection))]
        if is_debug:
            tasks.append(asyncio.ensure_future(self._age(connection)))
        try:
            await asyncio.wait(tasks[:2], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._connections.remove(connection)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def deliver(
        self, envelope_type: str, payload: Json, *, seconds: float, **fields: object
    ) -> Json | None:
        """Send one envelope and return its ack's payload, `{}` for a bare ack, None if none comes in time.

        Raises LookupError without a connection.
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
        """Send a disconnect message to the connection at this index, or to every one. Raises IndexError."""
        for connection in self._chosen(at):
            connection.send_disconnect(reason)

    def drop(self, at: int | None = None) -> None:
        """Cut one connection, or every one, without a close frame, as a lost network does."""
        for connection in self._chosen(at):
            connection.outgoing.put_nowait(CloseReason.DROP)

    def _chosen(self, at: int | None) -> tuple[SocketConnection, ...]:
        return self.connections if at is None else (self.connections[at],)

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

    async def _read(self, socket: WebSocket) -> None:
        try:
            while True:
                self._acknowledge(await socket.receive_json())
        except (WebSocketDisconnect, ValueError, KeyError):
            # The bot has disconnected, or sends something that is not JSON: the connection is over.
            return

    def _acknowledge(self, ack: object) -> None:
        if not isinstance(ack, dict):
            return
        waiting = self._waiting.get(str(ack.get("envelope_id")))
        if waiting is not None and not waiting.done():
            payload = ack.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})

    async def _age(self, connection: SocketConnection) -> None:
        await self._clock.sleep(DEBUG_LIFETIME - GRACE)
        connection.send_disconnect("warning")
        await self._clock.sleep(GRACE)
        connection.send_disconnect("refresh_requested")

    async def _close_when_leaving(self, connection: SocketConnection) -> None:
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
            # Closed meanwhile; the reader sees the same and ends the connection.
            return

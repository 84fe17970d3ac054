"""Socket Mode, the server's end: connections, envelopes spread over them, and their acknowledgements."""

import asyncio
import itertools
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Literal

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.demo.workspace.people import APP
from bot.demo.workspace.refusal import Json

MOST = 10
"""Open connections per app (Slack documentation, "Using Socket Mode")."""

Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]


@dataclass(eq=False, slots=True)
class Connection:
    """One open WebSocket. What is put into `outgoing` is sent; None drops the connection without a word."""

    outgoing: asyncio.Queue[Json | None] = field(default_factory=asyncio.Queue)
    delivered: int = 0


class Sockets:
    """All connections of the app. Payloads go to one of them, in turn."""

    def __init__(self) -> None:
        self._tickets: set[str] = set()
        self._connections: list[Connection] = []
        self._waiting: dict[str, asyncio.Future[Json]] = {}
        self._turns = itertools.count()
        self._changed = asyncio.Event()

    @property
    def connections(self) -> tuple[Connection, ...]:
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
        connection = Connection()
        if len(self._connections) >= MOST:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return
        self._connections.append(connection)
        await socket.send_json(self._hello())
        self._wake()
        reading = asyncio.ensure_future(self._read(socket))
        writing = asyncio.ensure_future(self._write(socket, connection))
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._forget(connection)
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

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
        connection.delivered += 1
        connection.outgoing.put_nowait(envelope)
        try:
            async with asyncio.timeout(seconds):
                return await acked
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(envelope_id, None)

    def disconnect(self, reason: Reason) -> None:
        """Ask every connection to go: `warning` is notice only, the others mean now."""
        for connection in self.connections:
            connection.outgoing.put_nowait(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "demo"}}
            )

    def drop(self) -> None:
        """Cut every connection without a closing word, as a lost network does."""
        for connection in self.connections:
            connection.outgoing.put_nowait(None)

    close_all = drop

    async def until_connected(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait until that many connections are open. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(self._connections) < count:
                await self._changed.wait()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": "demo", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP},
        }

    def _next(self) -> Connection:
        if not self._connections:
            raise LookupError("no Socket Mode connection is open")
        return self._connections[next(self._turns) % len(self._connections)]

    def _forget(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

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

    async def _write(self, socket: WebSocket, connection: Connection) -> None:
        try:
            while (envelope := await connection.outgoing.get()) is not None:
                await socket.send_json(envelope)
        except (WebSocketDisconnect, RuntimeError):
            # Closed under our hands; the reader sees the same and ends the connection.
            return

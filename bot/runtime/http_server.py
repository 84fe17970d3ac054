"""The bot's web server: an ASGI application on a port, inside the loop that is already running.

Its limits say how many connections there are, and how long a client may take. When there are too many, one
that waits for its client (for a head, for a body, or between two requests) is closed: the oldest of the
address that has most of them. So an address uses up what is its own; behind a proxy the oldest of all goes. A
request that the bot works on is never cut off.
"""

import asyncio
import contextlib
import errno
import resource
import socket
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.domain.errors import ConfigError
from bot.runtime.logger import get_logger

log = get_logger()

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


class ConnectionTable:
    """The open connections, the oldest first. `now` tells seconds."""

    def __init__(self, limits: ConnectionLimits, now: Callable[[], float]) -> None:
        self.limits = limits
        self._now = now
        self._most = limits.count_allowed()
        self._opened_at: dict[LimitedProtocol, float] = {}
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._opened_at)

    def add(self, connection: "LimitedProtocol") -> None:
        self._opened_at[connection] = self._now()

    def remove(self, connection: "LimitedProtocol") -> None:
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
        """Return whether it is the client's turn."""
        return self._name_part() != "answer"

    def give_up(self) -> None:
        """Close it at once."""
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


_START_SECONDS = 10.0
_STOP_SECONDS = 2.0
_ACCEPT_PAUSE = 1.0
"""Seconds until the next try after a connection that could not be accepted."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers and its polling, so that it starts and stops at once."""

    def __init__(
        self, config: uvicorn.Config, listener: socket.socket, table: ConnectionTable | None
    ) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()
        self._listener = listener
        self._table = table
        self._accepting: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets=sockets)
        except SystemExit as exit_request:
            # uvicorn thinks that it owns the process; left alone this would stop the caller's loop.
            self._listener.close()
            raise RuntimeError("the application did not start; its log says why") from exit_request
        self._listener.listen(self.config.backlog)
        self._listener.setblocking(False)  # noqa: FBT003 - it takes no name
        self._accepting = asyncio.create_task(self._accept())
        self.ready.set()

    async def _accept(self) -> None:
        """Accept connections while there is room. asyncio's own server does so without end, and logs a
        traceback for each that it has no descriptor for."""
        loop = asyncio.get_running_loop()
        while True:
            if self._table is not None:
                await self._table.wait_for_room()
            try:
                connected, _ = await loop.sock_accept(self._listener)
            except OSError as error:
                log.warning("connection not accepted", error=error.strerror)
                await asyncio.sleep(_ACCEPT_PAUSE)
                continue
            with contextlib.suppress(OSError):  # it may be gone again
                await loop.connect_accepted_socket(self._make_protocol, connected)

    def _make_protocol(self) -> asyncio.Protocol:
        state = self.lifespan.state
        protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=state
        )
        if isinstance(protocol, LimitedProtocol) and self._table is not None:
            protocol.table = self._table
        return protocol

    async def main_loop(self) -> None:
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002 - uvicorn's
        """Refuse new connections, let running requests end within the grace, then close the rest."""
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.gather(self._accepting, return_exceptions=True)
        self._listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        # Requests that hang on purpose end when their connection goes: give the others a moment first.
        await self._drain(0.05)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.close()
        await self._drain(_STOP_SECONDS)
        for task in list(self.server_state.tasks):
            task.cancel()
        await self.lifespan.shutdown()

    async def _drain(self, seconds: float) -> None:
        running = list(self.server_state.tasks)
        if running:
            await asyncio.wait(running, timeout=seconds)


class WebServer:
    """`async with WebServer(app, host="127.0.0.1", port=0) as server:` serves `app`; port 0 takes a free one.

    Installs no signal handlers and touches no logging configuration: uvicorn's own would end the process
    with 143 on SIGTERM before the bot has drained. Raises OSError when the port is taken or the host is none
    of this machine (`name_listen_errors` makes a sentence of it), RuntimeError when the application does not
    start. Without `limits`, for simulators, there are as many connections as clients open, for any time.
    """

    protocol: type[H11Protocol] = H11Protocol
    websockets: Literal["none", "websockets-sansio"] = "none"

    def __init__(
        self, app: ASGIApp, *, host: str, port: int = 0, limits: ConnectionLimits | None = None
    ) -> None:
        self._limits = limits
        self._app = app
        self._host = host
        self._wanted_port = port
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Return the base address without a trailing slash, such as `http://127.0.0.1:40123`."""
        return f"http://{self._host}:{self.port}"

    async def __aenter__(self) -> Self:
        # Head and body are two writes. Only where the protocol is named does asyncio set TCP_NODELAY, without
        # which the second write waits 40 ms for the first one's receipt.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._wanted_port))
        except UnicodeError as error:
            listener.close()
            raise OSError(errno.EADDRNOTAVAIL, "no host name") from error
        except OSError:
            listener.close()
            raise
        self.port = listener.getsockname()[1]
        now = asyncio.get_running_loop().time
        table = None if self._limits is None else ConnectionTable(self._limits, now)
        self._server = server = _Server(self._config(), listener, table)
        self._task = asyncio.create_task(server.serve(sockets=[]), name=f"web-{self.port}")
        await self._until_ready(server, self._task)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._task is not None:
            self._server.stopping.set()
            await self._task

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            http=self.protocol if self._limits is None else LimitedProtocol,
            ws=self.websockets,
            log_config=None,
            access_log=False,
            date_header=False,
            timeout_keep_alive=int(IDLE_SECONDS),
        )

    async def _until_ready(self, server: _Server, task: asyncio.Task[None]) -> None:
        ready = asyncio.create_task(server.ready.wait())
        await asyncio.wait({ready, task}, timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await task


@contextlib.contextmanager
def name_listen_errors(host: str, port: int, setting: str) -> Generator[None, None, None]:
    """Raise ConfigError in place of an OSError for a port that cannot be had; `setting` is what to change."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(
            f"The web server cannot listen on {host}, port {port}: {reason}.",
            f"Stop what listens there, or change {setting}.",
        ) from error

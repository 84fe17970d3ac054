"""An ASGI application on a port, inside the loop that is already running."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Generator
from types import TracebackType
from typing import Literal, Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.domain.errors import ConfigError
from bot.runtime.http_connections import IDLE_SECONDS, ConnectionLimits, ConnectionTable, LimitedProtocol
from bot.runtime.logger import get_logger

log = get_logger()

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

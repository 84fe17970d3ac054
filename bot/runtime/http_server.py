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

_START_SECONDS = 10.0
_STOP_SECONDS = 2.0


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers and its polling, so that it starts and stops at once."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets=sockets)
        except SystemExit as exit_request:
            # uvicorn thinks that it owns the process; left alone this would stop the caller's loop.
            for listener in sockets or []:
                listener.close()
            raise RuntimeError("the application did not start; its log says why") from exit_request
        self.ready.set()

    async def main_loop(self) -> None:
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuse new connections, let running requests end within the grace, then close the rest."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
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
    of this machine (`listening` makes a sentence of it), RuntimeError when the application does not start.
    """

    protocol: type[H11Protocol] = H11Protocol
    websockets: Literal["none", "websockets-sansio"] = "none"

    def __init__(self, app: ASGIApp, *, host: str, port: int = 0) -> None:
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
        self._server = server = _Server(self._config())
        self._task = asyncio.create_task(server.serve(sockets=[listener]), name=f"web-{self.port}")
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
            http=self.protocol,
            ws=self.websockets,
            log_config=None,
            access_log=False,
            date_header=False,
            timeout_keep_alive=60,
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

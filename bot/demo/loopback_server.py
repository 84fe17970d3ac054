"""Any ASGI application on a loopback port, inside the loop that is already running."""

import asyncio

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.runtime.http_server import WebServer

LOOPBACK = "127.0.0.1"


class ConnectionCut(httpx.RemoteProtocolError):
    """An application raises this to drop the connection, whatever it has sent so far.

    `LoopbackServer` closes the socket. `httpx.ASGITransport`, which has no socket, lets the exception
    through: the caller meets the `httpx.RemoteProtocolError` that a real connection would have given.
    """

    def __init__(self) -> None:
        super().__init__("the server closed the connection before the answer was complete")


class _Protocol(H11Protocol):
    """uvicorn's protocol, and the one place that holds both the application and its socket."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        application = self.app

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await application(scope, receive, send)
            except ConnectionCut:
                transport.close()
                # uvicorn would answer 500 by itself unless it has seen the connection go.
                while (await receive())["type"] != "http.disconnect":
                    pass

        self.app = guarded


class LoopbackServer(WebServer):
    """`async with LoopbackServer(app) as server: server.url` serves `app` on 127.0.0.1.

    As `WebServer`, and an application may drop the connection by raising `ConnectionCut`.
    """

    protocol = _Protocol
    websockets = "websockets-sansio"

    def __init__(self, app: ASGIApp, *, port: int = 0) -> None:
        super().__init__(app, host=LOOPBACK, port=port)

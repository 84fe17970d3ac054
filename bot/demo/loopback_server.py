"""A server of one ASGI application on a loopback port, in the running event loop."""

import asyncio

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.runtime.http_server import WebServer

LOOPBACK = "127.0.0.1"


class ConnectionCut(httpx.RemoteProtocolError):
    """The exception by which an application drops the connection, whatever it has sent.

    `LoopbackServer` closes the socket. `httpx.ASGITransport`, which has no socket, lets the exception
    through, so that the caller gets the `httpx.RemoteProtocolError` of a real connection.
    """

    def __init__(self) -> None:
        super().__init__("the server closed the connection before the answer was complete")


class _Protocol(H11Protocol):
    """uvicorn's protocol, which knows both the application and its socket."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        application = self.app

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await application(scope, receive, send)
            except ConnectionCut:
                transport.close()
                # uvicorn would answer 500 unless it has seen the disconnect.
                while (await receive())["type"] != "http.disconnect":
                    pass

        self.app = guarded


class LoopbackServer(WebServer):
    """`async with LoopbackServer(app) as server: server.url` serves `app` on 127.0.0.1.

    A `WebServer` whose application may drop the connection by raising `ConnectionCut`.
    """

    protocol = _Protocol
    websockets = "websockets-sansio"

    def __init__(self, app: ASGIApp, *, port: int = 0) -> None:
        super().__init__(app, host=LOOPBACK, port=port)

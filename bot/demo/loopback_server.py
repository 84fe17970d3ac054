"""A server of one ASGI application on a loopback port, the headers that it adds, and who may call it."""

import asyncio
import ipaddress
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.runtime.clock import Clock
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


class AddedHeaders:
    """An ASGI application with further headers in each of its HTTP answers."""

    def __init__(self, app: ASGIApp, headers: Callable[[], Mapping[str, str]]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), value.encode()) for name, value in self._headers().items()]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        await self._app(scope, receive, send_more if scope["type"] == "http" else send)


def with_date(app: ASGIApp, wire_clock: Callable[[], Clock | None]) -> ASGIApp:
    """Add the `Date` of real servers, by a clock that may be wrong; without a clock there is none."""

    def date() -> dict[str, str]:
        clock = wire_clock()
        return {} if clock is None else {"date": format_datetime(clock.now(), usegmt=True)}

    return AddedHeaders(app, date)


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_from_here(request: Request) -> bool:
    """Return whether a request is from this machine, to its name, and not from a page of another site.

    A browser on this machine may have any site open, and sends `Host` and `Origin`: the former tells a page
    whose name was made to resolve to this machine. A program sends no origin.
    """
    host = request.headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return (
        request.client is not None
        and is_loopback(request.client.host)
        and is_loopback(name)
        and all(each == f"{request.url.scheme}://{host}" for each in request.headers.getlist("origin"))
    )

"""The `Date` of the simulators' answers, which real servers have, too."""

from email.utils import format_datetime
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.runtime.clock import Clock


class DatedServer(Protocol):
    """A server that dates and signs by `wire_clock`, which may be wrong; None for no `Date`."""

    wire_clock: Clock | None


class DateHeader:
    """An ASGI application with a `Date` in each of its answers."""

    def __init__(self, app: ASGIApp, server: DatedServer) -> None:
        self._app, self._server = app, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            clock = self._server.wire_clock
            if message["type"] == "http.response.start" and clock is not None:
                date = format_datetime(clock.now(), usegmt=True).encode()
                message = {**message, "headers": [*message.get("headers", ()), (b"date", date)]}
            await send(message)

        await self._app(scope, receive, send_dated if scope["type"] == "http" else send)

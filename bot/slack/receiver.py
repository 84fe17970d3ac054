"""The way in: Socket Mode, or a route of the web server, from when payloads are taken until the stop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.runtime.health_page import Health
from bot.slack.http import Endpoint
from bot.slack.retry import SlackRetry
from bot.slack.signed_requests import SignedRequests
from bot.slack.socket_mode import CROWDED, RetryingSocketClient, open_socket_client

STARTING = "The bot is starting."


@dataclass(slots=True)
class SlackReceiver:
    """The way in for Slack's payloads. Made before Slack is reached, so that health checks can ask it."""

    retry: SlackRetry
    _endpoint: Endpoint | None = None
    _signed: SignedRequests | None = None
    _socket: RetryingSocketClient | None = None

    async def check(self) -> Health:
        """Return why nothing comes in now, for `/readyz`."""
        if self.retry.why:
            return Health(self.retry.why)
        if self._socket is None:
            return Health("" if self._endpoint else STARTING)
        if self._socket.is_crowded_out:
            return Health(CROWDED)
        return Health("" if await self._socket.is_connected() else "Socket Mode is not connected.")

    async def check_signatures(self) -> Health:
        """Return what is found of signatures in HTTP mode, for `/readyz`."""
        return Health() if self._signed is None else await self._signed.check()

    def route(self) -> Route:
        """Return `POST /slack/events`: refused while nothing is taken, so that Slack tries again."""

        async def events(request: Request) -> Response:
            if self._endpoint is None:
                return PlainTextResponse("not ready\n", status_code=503)
            return await self._endpoint(request)

        return Route("/slack/events", events, methods=["POST"])

    @asynccontextmanager
    async def by_http(self, endpoint: Endpoint, signed: SignedRequests) -> AsyncIterator[None]:
        """Take payloads by the route meanwhile."""
        self._endpoint, self._signed = endpoint, signed
        try:
            yield
        finally:
            self._endpoint = None

    @asynccontextmanager
    async def by_socket(
        self, bolt: AsyncApp, app_token: SecretStr, client: AsyncWebClient
    ) -> AsyncIterator[None]:
        """Take payloads by Socket Mode meanwhile. Raises SlackError when the token is refused."""
        self._socket = socket = open_socket_client(bolt, app_token, client, self.retry)
        try:
            await socket.connect()
            yield
        finally:
            await socket.close()  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped

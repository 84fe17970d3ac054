"""Socket Mode: one connection to Slack, made again for as long as it takes."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import SlackError, SlackUnavailable
from bot.runtime.logger import get_logger
from bot.slack.connection import open_socket_address
from bot.slack.retry import SlackRetry
from bot.slack.web_api import retry_after

log = get_logger()

PING_SECONDS = 3
"""A dropped connection is noticed within this (slack-facts, 4.1: Bolt's 10 take 8.5 s)."""

CONNECT_SECONDS = 10.0
"""Seconds for the upgrade to a WebSocket."""

CROWDED_SECONDS = 30.0
"""Seconds until the next try after Slack had too many connections of this app."""

CROWDED = (
    "Slack refuses another connection: ten are open for this app. Only one bot should use it: “pgbot check” "
    "says which one holds it."
)


class RetryingSocketClient(SocketModeClient):
    """slack_sdk's client, which tries an address that has failed for ever, logs its ticket, and has no limit
    for the upgrade; this one asks for a new address, waiting in between as Slack asks."""

    def __init__(self, app_token: SecretStr, web_client: AsyncWebClient, retry: SlackRetry) -> None:
        super().__init__(app_token.get_secret_value(), web_client=web_client, ping_interval=PING_SECONDS)
        self._retry = retry
        self.is_crowded_out = False

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Note what Slack says of other connections, then go on as slack_sdk does."""
        if message.get("type") == "hello":
            self.is_crowded_out = False
            if (others := _count_others(message)) > 0:
                log.warning("the slack app has other connections", others=others)
        elif message.get("type") == "disconnect" and message.get("reason") == "too_many_websockets":
            self.is_crowded_out = True
            log.warning("slack refuses the connection", why=CROWDED)
            await self._retry.clock.sleep(CROWDED_SECONDS)
        await super().run_message_listeners(message, raw_message)

    async def issue_new_wss_url(self) -> str:
        """Return an address that is good for one connection, however long it takes."""
        return await self._retry.until_answered(self._open_address)

    async def connect(self) -> None:
        """Connect, however long it takes. Raises SlackError when the token is refused for the first one."""
        if not self.closed:
            await self._retry.until_answered(self._connect_once)

    async def _open_address(self) -> str:
        try:
            return await open_socket_address(self.web_client, SecretStr(self.app_token))
        except SlackUnavailable:
            raise
        except SlackError as error:
            if self.current_session is None:
                raise
            # It was good at the start. To end now would take the terminal and the health checks away, too.
            raise SlackUnavailable(error.sentence, error.next_step, code=error.code) from None

    async def _connect_once(self) -> None:
        self.auto_reconnect_enabled = False
        if self.current_session is not None:
            await self.current_session.close()
        address, self.wss_uri = self.wss_uri or await self._open_address(), None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                session = await self.aiohttp_client_session.ws_connect(
                    address, autoping=False, heartbeat=self.ping_interval, proxy=self.proxy
                )
                await session.ping(f"sdk-ping-pong:{time.time()}".encode())
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            # The text of the error may hold the address, and with it the ticket.
            raise SlackUnavailable(
                f"Slack does not take the Socket Mode connection: {type(error).__name__}.",
                "Check the network and its proxy if this lasts.",
                seconds=_asked_seconds(error),
            ) from None
        self._take_over(session)

    def _take_over(self, session: aiohttp.ClientWebSocketResponse) -> None:
        """Read from this connection from now on. One of the tasks that end here may be the caller's."""
        self.current_session, self.stale, self.last_ping_pong_time = session, False, None
        self.auto_reconnect_enabled = self.default_auto_reconnect_enabled
        for task in (self.current_session_monitor, self.message_receiver):
            if task is not None:
                task.cancel()
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())


def open_socket_client(
    bolt: AsyncApp, app_token: SecretStr, web_client: AsyncWebClient, retry: SlackRetry
) -> RetryingSocketClient:
    """Return a client that hands payloads to Bolt, not yet connected."""

    async def handle(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        began = time.time()
        await send_async_response(client, request, await run_async_bolt_app(bolt, request), began)

    client = RetryingSocketClient(app_token, web_client, retry)
    client.socket_mode_request_listeners.append(handle)
    return client


def _count_others(hello: Mapping[str, Any]) -> int:
    """Return the connections of this app besides this one, as Slack's greeting tells (slack-facts, 4.1)."""
    connections = hello.get("num_connections")
    return connections - 1 if isinstance(connections, int) else 0


def _asked_seconds(error: Exception) -> float:
    if isinstance(error, aiohttp.WSServerHandshakeError) and error.status == 429:
        return retry_after(error.headers)
    return 0.0

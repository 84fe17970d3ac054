"""The way in for Slack's payloads, from when they are taken until the stop: Socket Mode, or signed HTTP.

In HTTP mode a request is checked before Bolt sees it. A signature is good for five minutes, by Slack's clock
and ours. Socket Mode is one connection to Slack, made again for as long as it takes.
"""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_internals import build_async_context
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.domain.errors import SlackError, SlackUnavailable
from bot.domain.phrases import format_count
from bot.runtime.checked_clock import describe_lead
from bot.runtime.clock import Clock
from bot.runtime.health_page import Health, HealthPage
from bot.runtime.logger import get_logger
from bot.slack.connection import SlackRetry, open_socket_address
from bot.slack.gateway import new_trace
from bot.slack.web_api import retry_after

log = get_logger()

STARTING = "The bot is starting."

LARGEST_BODY = 1 << 20
"""Bytes. Starlette has no limit; aiohttp, Bolt's other server, has this one."""

_PARSE_ERRORS = (ValueError, KeyError, AttributeError, TypeError, RecursionError)
"""Exceptions of Bolt for JSON of an unexpected shape or depth, which it reads unchecked."""


def health_routes(page: HealthPage) -> list[Route]:
    """Return `/healthz` and `/readyz`.

    `/healthz` answers as long as the event loop moves, which is all that a restart cures. What it does not
    cure, such as a full disk or a Slack that is away, is in `/readyz` alone.
    """

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        is_ready, body = await page.read()
        return JSONResponse(body, status_code=200 if is_ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


GOOD_SECONDS = 300
"""Age of a signature, either way, up to which it is accepted (slack-facts, 4.2)."""

_LONGEST_TIMESTAMP = 12
"""Digits. Seconds since 1970 have ten until 2286."""


class SignedRequests:
    """The check of each request's signature, and what it has found so far."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._verifier, self._clock = SignatureVerifier(secret), clock
        self._accepted: float | None = None
        self._refused = self._in_a_row = 0
        self._lead = 0.0
        """Seconds by which our clock was ahead of the time in the last request that was refused for it."""

    def accepts(self, headers: Mapping[str, str], body: str) -> bool:
        """Return whether Slack has signed the request, lately."""
        timestamp = headers.get("x-slack-request-timestamp", "")
        if not self._is_signed(timestamp, headers.get("x-slack-signature", ""), body):
            log.warning("request with a bad signature refused")
            return False
        lead = self._clock.now().timestamp() - int(timestamp)
        if abs(lead) > GOOD_SECONDS:
            self._refused, self._in_a_row, self._lead = self._refused + 1, self._in_a_row + 1, lead
            log.warning("signed request refused for its age", why=self._describe_lead())
            return False
        self._accepted, self._in_a_row = self._clock.monotonic(), 0
        return True

    async def check(self) -> Health:
        """Return whether requests are refused for their age, for `/readyz`.

        While the clock is right, they are old ones that somebody sends again: a warning.
        """
        accepted = self._accepted
        age = None if accepted is None else int(self._clock.monotonic() - accepted)
        figures = {"last_signed_request_seconds": age, "requests_refused_for_age": self._refused}
        if not self._in_a_row:
            return Health(figures=figures)
        many = f"The last {format_count(self._in_a_row, 'signed request')} had to be refused"
        why = f"{many}: by the time in them, {self._describe_lead()}."
        return Health(why, is_warning=self._clock.doubt is None, figures=figures)

    def _describe_lead(self) -> str:
        return f"this machine's clock is {describe_lead(self._lead)} Slack's"

    def _is_signed(self, timestamp: str, signature: str, body: str) -> bool:
        # The SDK's own check raises on others (slack-facts, 4.2), and does not tell an old request.
        is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP
        if not (is_number and signature.isascii()):
            return False
        expected = self._verifier.generate_signature(timestamp=timestamp, body=body)
        return expected is not None and hmac.compare_digest(expected, signature)


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
            connections = message.get("num_connections")  # this one included (slack-facts, 4.1)
            if isinstance(connections, int) and connections > 1:
                log.warning("the slack app has other connections", others=connections - 1)
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
            is_limited = getattr(error, "status", None) == 429
            # The text of the error may hold the address, and with it the ticket.
            raise SlackUnavailable(
                f"Slack does not take the Socket Mode connection: {type(error).__name__}.",
                "Check the network and its proxy if this lasts.",
                seconds=retry_after(getattr(error, "headers", None)) if is_limited else 0.0,
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


@dataclass(slots=True)
class SlackReceiver:
    """The way in for Slack's payloads. Made before Slack is reached, so that health checks can ask it."""

    retry: SlackRetry
    _bolt: AsyncApp | None = None
    _signed: SignedRequests | None = None
    _socket: RetryingSocketClient | None = None

    async def check(self) -> Health:
        """Return why nothing comes in now, for `/readyz`."""
        if self.retry.why:
            return Health(self.retry.why)
        if self._socket is None:
            return Health("" if self._bolt else STARTING)
        if self._socket.is_crowded_out:
            return Health(CROWDED)
        return Health("" if await self._socket.is_connected() else "Socket Mode is not connected.")

    async def check_signatures(self) -> Health:
        """Return what is found of signatures in HTTP mode, for `/readyz`."""
        return Health() if self._signed is None else await self._signed.check()

    def route(self) -> Route:
        """Return `POST /slack/events`: refused while nothing is taken, so that Slack tries again."""

        async def events(request: Request) -> Response:
            if self._bolt is None or self._signed is None:
                return PlainTextResponse("not ready\n", status_code=503)
            return await _answer(request, self._bolt, self._signed)

        return Route("/slack/events", events, methods=["POST"])

    @asynccontextmanager
    async def by_http(self, bolt: AsyncApp, signed: SignedRequests) -> AsyncIterator[None]:
        """Take payloads by the route meanwhile."""
        self._bolt, self._signed = bolt, signed
        try:
            yield
        finally:
            self._bolt = None

    @asynccontextmanager
    async def by_socket(
        self, bolt: AsyncApp, app_token: SecretStr, client: AsyncWebClient
    ) -> AsyncIterator[None]:
        """Take payloads by Socket Mode meanwhile. Raises SlackError when the token is refused."""

        async def handle(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
            began = time.time()
            await send_async_response(client, request, await run_async_bolt_app(bolt, request), began)

        self._socket = socket = RetryingSocketClient(app_token, client, self.retry)
        socket.socket_mode_request_listeners.append(handle)
        try:
            await socket.connect()
            yield
        finally:
            await socket.close()  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped


async def _answer(request: Request, bolt: AsyncApp, signed: SignedRequests) -> Response:
    try:
        body = await _body(request)
    except ClientDisconnect:
        return PlainTextResponse("incomplete\n", status_code=400)  # nobody reads it
    if body is None:
        return PlainTextResponse("too large\n", status_code=413)
    try:
        text = body.decode()
        if not signed.accepts(request.headers, text):
            return PlainTextResponse("bad signature\n", status_code=401)
        bolt_request = _bolt_request(request, text)
    except _PARSE_ERRORS as error:
        trace = new_trace()
        log.warning("request with an odd body refused", trace=trace, error=type(error).__name__)
        return PlainTextResponse(f"not a Slack payload; see {trace} in the bot's log\n", status_code=400)
    return to_starlette_response(await bolt.async_dispatch(bolt_request))


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _bolt_request(request: Request, body: str) -> AsyncBoltRequest:
    """Parse commands that Bolt cannot: it takes a form with `payload` in it for JSON (slack-facts, 5.7)."""
    bolt_request = AsyncBoltRequest(body=body, headers=dict(request.headers))
    if bolt_request.body == {} and "command=" in body:
        bolt_request.body = dict(parse_qsl(body, keep_blank_values=True))
        bolt_request.context = build_async_context(AsyncBoltContext({}), bolt_request.body)
    return bolt_request

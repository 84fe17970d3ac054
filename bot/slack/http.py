"""HTTP mode: what must be true of a request before Bolt sees it, and the health pages of both modes."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import structlog
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_internals import build_async_context
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.runtime.clock import Clock
from bot.slack.gateway import new_trace

log = structlog.get_logger()

LARGEST_BODY = 1 << 20
"""Bytes. Starlette reads without end; aiohttp, Bolt's other server, stops here too."""

_LONGEST_TIMESTAMP = 12
"""Digits. Seconds since 1970 have ten until 2286; the SDK's own check fails on a number without end."""

_ODD_SHAPE = (ValueError, KeyError, AttributeError, TypeError)
"""What Bolt raises while it takes a body apart, since it looks into JSON of any shape unchecked."""

Ready = Callable[[], Awaitable[dict[str, bool]]]
"""What must be true for the bot to be of use, each with whether it is."""


class _Now(SignatureClock):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


def health_routes(ready: Ready) -> list[Route]:
    """`/healthz` answers while the process lives, `/readyz` with 200 only while it is of use."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        checks = await ready()
        return JSONResponse(checks, status_code=200 if all(checks.values()) else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def slack_route(app: AsyncApp, signing_secret: str, clock: Clock) -> Route:
    """`POST /slack/events`: commands, clicks and events, for every request URL of the manifest."""
    verifier = SignatureVerifier(signing_secret, _Now(clock))

    async def events(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large\n", status_code=413)
        try:
            # Before the signature: the SDK's own check fails on bytes that are no text.
            text = body.decode()
            if not _is_signed(verifier, request, text):
                log.warning("request with a bad signature refused")
                return PlainTextResponse("bad signature\n", status_code=401)
            bolt_request = _bolt_request(request, text)
        except _ODD_SHAPE as error:
            trace = new_trace()
            log.warning("request with an odd body refused", trace=trace, error=type(error).__name__)
            return PlainTextResponse(f"not a Slack payload; see {trace} in the bot's log\n", status_code=400)
        return to_starlette_response(await app.async_dispatch(bolt_request))

    return Route("/slack/events", events, methods=["POST"])


def web_app(routes: list[Route]) -> Starlette:
    """The bot's own small web server's app."""
    return Starlette(routes=routes)


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _is_signed(verifier: SignatureVerifier, request: Request, body: str) -> bool:
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    # The SDK's own check raises on these (slack-facts, 4.2).
    if not (timestamp.isascii() and timestamp.isdigit() and signature.isascii()):
        return False
    if len(timestamp) > _LONGEST_TIMESTAMP:
        return False
    return verifier.is_valid(body=body, timestamp=timestamp, signature=signature)


def _bolt_request(request: Request, body: str) -> AsyncBoltRequest:
    """Bolt takes any form holding the word `payload` for JSON and then finds nothing in it
    (slack-facts, 5.7); such a command is taken apart here instead."""
    bolt_request = AsyncBoltRequest(body=body, headers=dict(request.headers))
    if bolt_request.body == {} and "command=" in body:
        bolt_request.body = dict(parse_qsl(body, keep_blank_values=True))
        bolt_request.context = build_async_context(AsyncBoltContext({}), bolt_request.body)
    return bolt_request

"""HTTP mode: checks of a request before Bolt sees it, and the health endpoints of both modes."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_internals import build_async_context
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.runtime.health_page import HealthPage
from bot.runtime.logger import get_logger
from bot.slack.gateway import new_trace
from bot.slack.signed_requests import SignedRequests

log = get_logger()

LARGEST_BODY = 1 << 20
"""Bytes. Starlette has no limit; aiohttp, Bolt's other server, has this one."""

_PARSE_ERRORS = (ValueError, KeyError, AttributeError, TypeError, RecursionError)
"""Exceptions of Bolt for JSON of an unexpected shape or depth, which it reads unchecked."""

Endpoint = Callable[[Request], Awaitable[Response]]


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


def slack_endpoint(app: AsyncApp, signed: SignedRequests) -> Endpoint:
    """Return what answers `POST /slack/events`, for every request URL of the manifest."""

    async def events(request: Request) -> Response:
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
        return to_starlette_response(await app.async_dispatch(bolt_request))

    return events


def web_app(routes: list[Route]) -> Starlette:
    """Return the app of the bot's own web server."""
    return Starlette(routes=routes)


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

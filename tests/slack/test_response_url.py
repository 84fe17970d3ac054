"""Slack's answers to posts to a response_url."""

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from bot.demo.loopback_server import LoopbackServer
from bot.demo.virtual_clock import VirtualClock
from bot.slack.web_api import ResponseUrlClient, RetryWait

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, "ok", ""),
        (200, "", ""),
        (200, '{"ok": true}', ""),
        (200, '{"ok": false, "error": "used_url"}', "used_url"),
        (200, '{"ok": false, "error": {"a": 1}}', "refused"),
        (200, "<html>log in first</html>", "no_answer"),
        (400, "invalid_blocks", "invalid_blocks"),
        (404, "expired_url", "expired_url"),
        (404, "<html>no</html>", "http_404"),
        (500, "", "no_answer"),
        (307, "", "http_307"),
    ],
)
async def test_what_slack_says_is_told_apart(status, body, code):
    async def answer(request):
        return Response(body, status, headers={"location": "/elsewhere"} if status == 307 else None)

    app = Starlette(routes=[Route("/", answer, methods=["POST"])])
    async with LoopbackServer(app) as server, aiohttp.ClientSession() as session:
        client = ResponseUrlClient(session, RetryWait(VirtualClock()))
        assert await client.post(f"{server.url}/", {"text": "x"}) == code

"""A Slack that answers some methods as the test demands, and all others with a bare `ok`."""

import asyncio
import collections
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from bot.demo.loopback_server import LoopbackServer

HANGS = object()
BOT = {"ok": True, "team_id": "T0DEMO", "user_id": "U0PGBOT", "bot_id": "B0PGBOT"}


@dataclass
class OddSlack:
    """A server with `answers` by method: JSON, a page of HTML, or `HANGS`."""

    answers: dict
    url: str = ""
    asked: dict = field(default_factory=lambda: collections.defaultdict(asyncio.Event))

    async def answer(self, request):
        method = request.path_params["method"]
        self.asked[method].set()
        answer = self.answers.get(method, {"ok": True})
        if answer is HANGS:
            await asyncio.Event().wait()
        if isinstance(answer, str):
            return HTMLResponse(answer)
        return JSONResponse(answer)


@asynccontextmanager
async def odd_slack(answers):
    slack = OddSlack({"auth.test": BOT} | answers)
    routes = [Route("/api/{method}", slack.answer, methods=["GET", "POST"])]
    async with LoopbackServer(Starlette(routes=routes)) as server:
        slack.url = f"{server.url}/api/"
        yield slack

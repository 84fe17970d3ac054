"""A Slack that answers some methods as the test demands, and all others with a bare `ok`."""

import asyncio
import collections
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.demo.loopback_server import LoopbackServer, with_date

HANGS, WELCOME = object(), object()
BOT = {"ok": True, "team_id": "T0DEMO", "user_id": "U0PGBOT", "bot_id": "B0PGBOT"}


class InTurn(collections.deque):
    """Answers that are given one after the other, the last of them from then on."""


@dataclass
class OddSlack:
    """A server with `answers` by method: JSON, a page of HTML, a response, `HANGS`, or several `InTurn`."""

    answers: dict
    url: str = ""
    wire_clock: object = None
    sockets: list = field(default_factory=list)
    times: collections.Counter = field(default_factory=collections.Counter)
    asked: dict = field(default_factory=lambda: collections.defaultdict(asyncio.Event))

    async def answer(self, request):
        method = request.path_params["method"]
        self.asked[method].set()
        self.times[method] += 1
        answer = self.answers.get(method, {"ok": True})
        if isinstance(answer, InTurn):
            answer = answer.popleft() if len(answer) > 1 else answer[0]
        if answer is HANGS:
            await asyncio.Event().wait()
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, str):
            return HTMLResponse(answer)
        return JSONResponse(answer)

    async def connect(self, websocket):
        """Answer an upgrade to a WebSocket: `WELCOME` takes it, and every ping that comes by it."""
        self.times["websocket"] += 1
        answer = self.answers.get("websocket", WELCOME)
        if isinstance(answer, InTurn):
            answer = answer.popleft() if len(answer) > 1 else answer[0]
        if answer is HANGS:
            await asyncio.Event().wait()
        if isinstance(answer, Response):
            await websocket.send_denial_response(answer)
            return
        await websocket.accept()
        self.sockets.append(websocket)
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass


@asynccontextmanager
async def odd_slack(answers):
    slack = OddSlack({"auth.test": BOT} | answers)
    routes = [
        Route("/api/{method}", slack.answer, methods=["GET", "POST"]),
        WebSocketRoute("/websocket", slack.connect),
    ]
    async with LoopbackServer(with_date(Starlette(routes=routes), lambda: slack.wire_clock)) as server:
        slack.url = f"{server.url}/api/"
        address = {"ok": True, "url": f"{server.url.replace('http', 'ws')}/websocket?ticket=canary"}
        slack.answers.setdefault("apps.connections.open", address)
        if isinstance(slack.answers["apps.connections.open"], InTurn):
            slack.answers["apps.connections.open"].append(address)
        yield slack

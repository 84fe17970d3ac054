"""The operator's handle at `/_workspace/…`: act as a person, see what they see, move time, cause faults."""

import ipaddress
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.demo.clock import VirtualClock
from bot.demo.workspace import acts, clicks, forms, sight
from bot.demo.workspace.faults import Fault
from bot.demo.workspace.refusal import Json, Refusal
from bot.demo.workspace.state import Workspace

_FAULTS = {"error", "rate_limited", "server_error", "slow", "expired_trigger", "lost_ack", "duplicate"}
_REASONS = {"warning", "refresh_requested", "link_disabled", "too_many_websockets"}


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Operator:
    """The handle's routes: JSON in, JSON out, but for `stream`; refusals are 400 with Slack's word."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def routes(self) -> list[Route]:
        """What to serve under `/_workspace`."""
        reads = {
            "state": self._state,
            "channels": self._channels,
            "messages": self._messages,
            "views": self._views,
        }
        acting = {
            "slash": self._slash,
            "say": self._say,
            "click": self._click,
            "submit": self._submit,
            "close": self._close,
            "search": self._search,
            "home": self._home,
            "clock": self._advance,
            "faults": self._faults,
            "request_url": self._point,
            "connections": self._disturb,
        }
        return [
            *(Route(f"/{name}", self._guard(read), methods=["GET"]) for name, read in reads.items()),
            *(Route(f"/{name}", self._guard(act), methods=["POST"]) for name, act in acting.items()),
            Route("/stream", self._stream, methods=["GET"]),
        ]

    def _guard(self, answer: Callable[[Json], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                self._check_caller(request)
                body = await answer(await _read(request))
            except Refusal as refusal:
                return JSONResponse(refusal.body(), 403 if refusal.code == "loopback_only" else 400)
            except (KeyError, TypeError, ValueError) as error:
                words = f"missing or wrong argument: {error}"
                return JSONResponse(Refusal("invalid_arguments", (f"[ERROR] {words}",)).body(), 400)
            return JSONResponse({"ok": True, **body})

        return guarded

    def _check_caller(self, request: Request) -> None:
        """Refuse other machines, and web pages of other sites that the browser of this one has open."""
        here = request.client is None or is_loopback(request.client.host)
        if not here or not is_loopback(request.url.hostname or ""):
            raise Refusal("loopback_only")
        origin = request.headers.get("origin")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            raise Refusal("loopback_only")
        if not self._workspace.base_url:
            self._workspace.base_url = str(request.base_url).removesuffix("/").removesuffix("/_workspace")

    async def _state(self, _query: Json) -> Json:
        return sight.overview(self._workspace)

    async def _channels(self, query: Json) -> Json:
        return {"channels": sight.channels_of(self._workspace, query["user"])}

    async def _messages(self, query: Json) -> Json:
        after = query.get("after", "")
        return {"messages": sight.messages_for(self._workspace, query["user"], query["channel"], after=after)}

    async def _views(self, query: Json) -> Json:
        return sight.views_for(self._workspace, query["user"])

    async def _slash(self, body: Json) -> Json:
        outcome = await acts.slash(
            self._workspace, user=body["user"], channel=body["channel"], line=body["text"]
        )
        return outcome.json()

    async def _say(self, body: Json) -> Json:
        message = acts.say(
            self._workspace,
            user=body["user"],
            channel=body["channel"],
            text=body["text"],
            thread_ts=body.get("thread_ts"),
        )
        return {"message": message.json()}

    async def _click(self, body: Json) -> Json:
        wanted: Json = {
            name: body[name] for name in ("action_id", "block_id", "label", "value") if name in body
        }
        if body.get("view_id"):
            outcome = await clicks.click_in_view(
                self._workspace, user=body["user"], view_id=body["view_id"], wanted=wanted
            )
        else:
            outcome = await clicks.click(
                self._workspace, user=body["user"], channel=body["channel"], ts=body["ts"], wanted=wanted
            )
        return outcome.json()

    async def _submit(self, body: Json) -> Json:
        values = dict(body.get("values") or {})
        outcome = await forms.submit(
            self._workspace, user=body["user"], view_id=body["view_id"], values=values
        )
        return outcome.json()

    async def _close(self, body: Json) -> Json:
        outcome = await forms.close(
            self._workspace,
            user=body["user"],
            view_id=body["view_id"],
            everything=bool(body.get("everything")),
        )
        return outcome.json()

    async def _search(self, body: Json) -> Json:
        options = await forms.search(self._workspace, user=body["user"], place=body, text=body["text"])
        return {"options": options}

    async def _home(self, body: Json) -> Json:
        acts.open_home(self._workspace, user=body["user"])
        return {}

    async def _advance(self, body: Json) -> Json:
        clock = self._workspace.clock
        if not isinstance(clock, VirtualClock):
            raise Refusal("clock_is_real")
        clock.advance(timedelta(seconds=float(body["seconds"])))
        self._workspace.stream.announce("clock")
        return {"now": clock.now().isoformat()}

    async def _faults(self, body: Json) -> Json:
        if body.get("clear"):
            self._workspace.faults.clear()
            return {}
        if body["kind"] not in _FAULTS:
            raise Refusal("invalid_fault")
        known = {name: body[name] for name in ("target", "kind", "times", "seconds", "code") if name in body}
        self._workspace.faults.add(Fault(**known))
        return {}

    async def _point(self, body: Json) -> Json:
        url = body["url"]
        if url is not None and (
            urlsplit(url).scheme != "http" or not is_loopback(urlsplit(url).hostname or "")
        ):
            raise Refusal("loopback_only")
        self._workspace.request_url = url
        return {}

    async def _disturb(self, body: Json) -> Json:
        if body.get("drop"):
            self._workspace.sockets.drop()
        elif body.get("disconnect") in _REASONS:
            self._workspace.sockets.disconnect(body["disconnect"])
        return {"connections": len(self._workspace.sockets.connections)}

    async def _stream(self, request: Request) -> Response:
        try:
            self._check_caller(request)
        except Refusal as refusal:
            return JSONResponse(refusal.body(), 403)
        return StreamingResponse(
            self._facts(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    async def _facts(self) -> AsyncIterator[str]:
        yield ": listening\n\n"
        async with aclosing(self._workspace.stream.listen()) as facts:
            async for fact in facts:
                yield f"data: {json.dumps(fact)}\n\n"


async def _read(request: Request) -> Json:
    if request.method == "GET":
        return dict(request.query_params)
    body = await request.json()
    if not isinstance(body, dict):
        raise Refusal("json_not_object")
    return body

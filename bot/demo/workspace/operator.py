"""The operator API at `/_workspace/…`: act as a person, see what they see, move time, cause faults."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.demo.workspace import user_view
from bot.demo.workspace.action_requests import ACTIONS, RequestHandler
from bot.demo.workspace.admin_controls import CONTROLS
from bot.demo.workspace.loopback import is_from_here
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState


class OperatorApi:
    """The routes of the operator API: JSON in and out, except `stream`; a refusal is 400 with Slack's word.

    GET  state | channels ?user | messages ?user &channel [&after] | views ?user | calls [?method] | faults
         stream: server-sent events of what has changed
    POST slash {user, channel, text} | say {user, channel, text, thread_ts?} | home {user}
         click {user, (channel, ts) or view_id, action_id or label, block_id?, value?}
         shortcut {user, callback_id, (channel, ts)?}
         search {user, (channel, ts) or view_id, action_id, block_id?, text}
         upload {user, name, content in base64}
         submit {user, view_id, values} | close {user, view_id, everything?}
         clock {seconds} | faults {target, kind, times?, seconds?, code?} or {clear: true}
         company {enterprise?: true, org_wide?: true, connect?: true}, before the bot starts
         request_url {url or null, verify?} | connections {drop: true or disconnect: reason, at?}
    """

    def __init__(self, workspace: WorkspaceState) -> None:
        self._workspace = workspace

    def routes(self) -> list[Route]:
        """Return the routes below `/_workspace`."""
        reads = {
            "state": _state,
            "channels": _channels,
            "messages": _messages,
            "views": _views,
            "calls": _calls,
            "faults": _faults,
        }
        writes = {**ACTIONS, **CONTROLS}
        return [
            *(Route(f"/{name}", self._guard(read), methods=["GET"]) for name, read in reads.items()),
            *(Route(f"/{name}", self._guard(write), methods=["POST"]) for name, write in writes.items()),
            Route("/stream", self._stream, methods=["GET"]),
        ]

    def _guard(self, handler: RequestHandler) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            try:
                self._check_caller(request)
                body = await handler(self._workspace, await _read(request))
            except MethodRefusal as refusal:
                return JSONResponse(refusal.body(), 403 if refusal.code == "loopback_only" else 400)
            except (LookupError, TypeError, ValueError) as error:
                words = f"missing or wrong argument: {error}"
                return JSONResponse(MethodRefusal("invalid_arguments", (f"[ERROR] {words}",)).body(), 400)
            return JSONResponse({"ok": True, **body})

        return guarded

    def _check_caller(self, request: Request) -> None:
        """Refuse other machines, and web pages of other sites in a browser of this one."""
        if not is_from_here(request):
            raise MethodRefusal("loopback_only")
        if not self._workspace.base_url:
            self._workspace.base_url = str(request.base_url).removesuffix("/").removesuffix("/_workspace")

    async def _stream(self, request: Request) -> Response:
        try:
            self._check_caller(request)
        except MethodRefusal as refusal:
            return JSONResponse(refusal.body(), 403)
        return StreamingResponse(
            self._events(), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    async def _events(self) -> AsyncIterator[str]:
        yield ": listening\n\n"
        async with aclosing(self._workspace.stream.listen()) as changes:
            async for change in changes:
                yield f"data: {json.dumps(change)}\n\n"


async def _state(workspace: WorkspaceState, _query: Json) -> Json:
    return user_view.overview(workspace)


async def _channels(workspace: WorkspaceState, query: Json) -> Json:
    return {"channels": user_view.channels_of(workspace, query["user"])}


async def _messages(workspace: WorkspaceState, query: Json) -> Json:
    after = query.get("after", "")
    return {"messages": user_view.messages_for(workspace, query["user"], query["channel"], after=after)}


async def _views(workspace: WorkspaceState, query: Json) -> Json:
    return user_view.views_for(workspace, query["user"])


async def _calls(workspace: WorkspaceState, query: Json) -> Json:
    method = query.get("method")
    found = [{"method": name, "arguments": values} for name, values in workspace.calls]
    return {"calls": [call for call in found if method in {None, call["method"]}]}


async def _faults(workspace: WorkspaceState, _query: Json) -> Json:
    return {"faults": [asdict(fault) for fault in workspace.faults.pending]}


async def _read(request: Request) -> Json:
    if request.method == "GET":
        return dict(request.query_params)
    body = await request.json()
    if not isinstance(body, dict):
        raise MethodRefusal("json_not_object")
    return body

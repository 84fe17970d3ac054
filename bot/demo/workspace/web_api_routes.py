"""The Web API at `/api/<method>`, with tokens, scopes, rate limits and faults."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.demo.workspace.arguments import read_arguments
from bot.demo.workspace.loopback import is_from_here
from bot.demo.workspace.methods import (
    account,
    chat,
    conversations,
    dialogs,
    people,
    uploads,
)
from bot.demo.workspace.methods.registry import METHODS, MethodCall
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.tokens import authenticate

METHOD_MODULES = (account, chat, conversations, dialogs, people, uploads)
"""The modules whose import fills METHODS."""

_log = logging.getLogger(__name__)


class WebApi:
    """The endpoint of every method, which answers in Slack's shape even after an internal error."""

    def __init__(self, workspace: WorkspaceState) -> None:
        self._workspace = workspace

    async def answer(self, request: Request) -> Response:
        """Answer one call, but none from pages of other sites, since the token is public."""
        name = request.path_params["method"]
        if not is_from_here(request):
            return self._respond(MethodRefusal("loopback_only").body(), 403, {})
        try:
            body = await self._answer(request, name)
        except MethodRefusal as refusal:
            return self._respond(refusal.body(), refusal.status, refusal.headers | _accepted(name))
        except Exception:  # noqa: BLE001 - the caller gets Slack's shape of a 500, the log the traceback
            _log.exception("%s failed inside the simulator", name)
            return self._respond({"ok": False, "error": "internal_error"}, 500, {})
        if self._workspace.faults.take(name, "unanswered") is not None:
            return lost_answer()
        return self._respond({"ok": True, **body}, 200, _accepted(name))

    async def _answer(self, request: Request, name: str) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise MethodRefusal("unknown_method", extra={"req_method": name})
        await self._apply_fault(name)
        arguments = await read_arguments(request)
        header = request.headers.get("authorization", "")
        kind = authenticate(self._workspace.credentials, header, arguments.text("token"), method.tokens)
        if method.tier is not None:
            self._workspace.rates.spend_method(name, method.tier)
        call = MethodCall(self._workspace, arguments, self._base_url(request), kind)
        if method.scopes:
            call.require_scope(*method.scopes)
        shown = {key: value for key, value in arguments.values.items() if key != "token"}
        self._workspace.calls.append((name, shown))
        return await method.body(call)

    async def _apply_fault(self, name: str) -> None:
        fault = self._workspace.faults.take(name, "slow", "error", "rate_limited", "server_error")
        if fault is None:
            return
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "rate_limited":
            raise MethodRefusal("ratelimited", status=429, headers={"Retry-After": str(int(fault.seconds))})
        elif fault.kind == "server_error":
            raise MethodRefusal("internal_error", status=500)
        else:
            raise MethodRefusal(fault.code, (f"[ERROR] {fault.code}: a fault on request",))

    def _base_url(self, request: Request) -> str:
        if not self._workspace.base_url:
            self._workspace.base_url = str(request.base_url).rstrip("/")
        return self._workspace.base_url

    def _respond(self, body: Json, status: int, headers: dict[str, str]) -> Response:
        scopes = {"x-oauth-scopes": ",".join(sorted(self._workspace.manifest.scopes))}
        return JSONResponse(body, status, headers | scopes)


def lost_answer() -> Response:
    """Return what a proxy answers when it waits no longer: the call may or may not have been carried out."""
    return PlainTextResponse("upstream request timeout", 504)


def _accepted(name: str) -> dict[str, str]:
    """Return the header with the scopes, any one of them enough, as Slack's answers have it."""
    method = METHODS.get(name)
    return {"x-accepted-oauth-scopes": ",".join(method.scopes)} if method and method.scopes else {}

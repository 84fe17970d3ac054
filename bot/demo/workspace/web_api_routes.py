"""The Web API at `/api/<method>`, with tokens, scopes, rate limits and faults."""

import asyncio
import json
import logging
from email.message import Message as Headers
from email.parser import BytesHeaderParser
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.demo.workspace.methods import chat, conversations, dialogs, people, uploads
from bot.demo.workspace.methods.registry import METHODS, MethodCall, authenticate
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.state import WorkspaceState

METHOD_MODULES = (chat, conversations, dialogs, people, uploads)
"""The modules whose import fills METHODS."""

_log = logging.getLogger(__name__)


async def answer_call(workspace: WorkspaceState, request: Request) -> Response:
    """Answer one call in Slack's shape, even after an internal error.

    Pages of other sites get no answer, since the token is public.
    """
    name = request.path_params["method"]
    method = METHODS.get(name)
    headers = {"x-oauth-scopes": ",".join(sorted(workspace.manifest.scopes))}
    if method is not None and method.scopes:
        # Any one of them is enough.
        headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
    try:
        workspace.admit(request)
        body = await _answer(workspace, request, name)
    except MethodRefusal as refusal:
        return JSONResponse(refusal.body(), refusal.status, refusal.headers | headers)
    except Exception:  # noqa: BLE001 - the caller gets Slack's shape of a 500, the log the traceback
        _log.exception("%s failed inside the simulator", name)
        return JSONResponse({"ok": False, "error": "internal_error"}, 500, headers)
    if workspace.faults.take(name, "unanswered") is not None:
        return lost_answer()
    return JSONResponse({"ok": True, **body}, headers=headers)


async def _answer(workspace: WorkspaceState, request: Request, name: str) -> Json:
    method = METHODS.get(name)
    if method is None:
        raise MethodRefusal("unknown_method", extra={"req_method": name})
    await meet_fault(workspace, name)
    values = await _read_arguments(request)
    header = request.headers.get("authorization", "")
    kind = authenticate(workspace.credentials, header, str(values.get("token") or ""), method.tokens)
    if method.tier is not None:
        workspace.rates.spend_method(name, method.tier)
    call = MethodCall(workspace, values, kind)
    if method.scopes:
        call.require_scope(*method.scopes)
    shown = {key: value for key, value in values.items() if key != "token"}
    workspace.calls.append((name, shown))
    return await method.body(call)


async def meet_fault(workspace: WorkspaceState, target: str) -> None:
    """Wait, or raise MethodRefusal, as a due fault demands."""
    fault = workspace.faults.take(target, "slow", "error", "rate_limited", "server_error")
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


def lost_answer() -> Response:
    """Return what a proxy answers when it waits no longer: the call may or may not have been carried out."""
    return PlainTextResponse("upstream request timeout", 504)


async def _read_arguments(request: Request) -> Json:
    """Read query and body; the body wins. A token is read from a form only, as Slack does.

    Raises MethodRefusal `invalid_json`, `json_not_object` or `invalid_form_data`.
    """
    values: Json = {key: each for key, each in request.query_params.items() if key != "token"}
    body = await request.body() if request.method == "POST" else b""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not body:
        return values
    if kind == "application/json":
        values |= {key: each for key, each in _from_json(body).items() if key != "token"}
    elif kind == "multipart/form-data":
        fields = split_multipart(body, request.headers["content-type"])
        values |= {name: content.decode(errors="replace") for name, content in fields.items()}
    else:
        values |= dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return values


def split_multipart(body: bytes, content_type: str) -> dict[str, bytes]:
    """Return the parts of a multipart body by name. Raises MethodRefusal `invalid_form_data`."""
    declared = Headers()
    declared["content-type"] = content_type
    boundary = declared.get_param("boundary")
    if not isinstance(boundary, str):
        raise MethodRefusal("invalid_form_data")
    parts: dict[str, bytes] = {}
    for piece in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = BytesHeaderParser().parsebytes(head).get_param("name", header="content-disposition")
        if isinstance(name, str):
            parts[name] = content.removesuffix(b"\r\n")
    return parts


def _from_json(body: bytes) -> Json:
    try:
        values = json.loads(body)
    except ValueError:
        raise MethodRefusal("invalid_json") from None
    if not isinstance(values, dict):
        raise MethodRefusal("json_not_object")
    return values

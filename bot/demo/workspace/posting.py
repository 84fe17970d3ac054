"""The endpoints beside the Web API: `response_url`, upload and download of files."""

import asyncio
import json
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.demo.workspace.answers import replace_message, show_answer
from bot.demo.workspace.arguments import split_multipart
from bot.demo.workspace.conversation import StoredMessage
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.response_urls import ResponseUrl
from bot.demo.workspace.slack_faults import FaultKind
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.web_api_routes import lost_answer

_STATUS: dict[FaultKind, int] = {"error": 400, "server_error": 500, "rate_limited": 429}


class ResponseUrlEndpoint:
    """The endpoint of every `response_url`. Errors are plain words with 400, 404, 429 or 500."""

    def __init__(self, workspace: WorkspaceState) -> None:
        self._workspace = workspace

    async def receive(self, request: Request) -> Response:
        """Show one answer in the channel of its address."""
        refused = await _apply_fault(self._workspace, "response_url")
        if refused is not None:
            return refused
        reply_url = self._workspace.response_urls.find(request.path_params["key"])
        if not isinstance(reply_url, ResponseUrl):
            return PlainTextResponse(reply_url, 404)
        try:
            answer = await _read_answer(request)
            self._apply(reply_url, answer)
        except MethodRefusal as refusal:
            return PlainTextResponse(refusal.code, 400)
        reply_url.uses += 1
        if self._workspace.faults.take("response_url", "unanswered") is not None:
            return lost_answer()
        return PlainTextResponse("ok")

    def _apply(self, reply_url: ResponseUrl, answer: Json) -> None:
        original = self._workspace.channels[reply_url.channel].messages.get(reply_url.message_ts or "")
        if answer.get("delete_original"):
            if any(value for name, value in answer.items() if name != "delete_original"):
                raise MethodRefusal("invalid_payload")
            self._delete(original)
        elif answer.get("replace_original") and original is not None:
            self._replace(original, answer)
        else:
            show_answer(self._workspace, answer, reply_url)

    def _delete(self, original: StoredMessage | None) -> None:
        if original is not None:
            del self._workspace.channels[original.channel].messages[original.ts]
            self._workspace.announce_change(original)

    def _replace(self, original: StoredMessage, answer: Json) -> None:
        replace_message(self._workspace, original, answer)
        if not original.blocks:
            original.edited_ts = self._workspace.next_ts()
        self._workspace.announce_change(original)


async def _apply_fault(workspace: WorkspaceState, target: str) -> Response | None:
    """Return the answer of a due fault, None without one; wait first if it is `slow`."""
    fault = workspace.faults.take(target, "slow", *_STATUS)
    if fault is None:
        return None
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return None
    headers = {"Retry-After": str(int(fault.seconds))} if fault.kind == "rate_limited" else {}
    words = fault.code if fault.kind == "error" else fault.kind
    return PlainTextResponse(words, _STATUS[fault.kind], headers)


async def _read_answer(request: Request) -> Json:
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0]
    try:
        if kind == "application/x-www-form-urlencoded":
            answer = json.loads(dict(parse_qsl(body.decode())).get("payload", ""))
        else:
            answer = json.loads(body)
    except ValueError:
        raise MethodRefusal("invalid_payload") from None
    if not isinstance(answer, dict):
        raise MethodRefusal("invalid_payload")
    return answer


class Uploads:
    """The endpoints for a file's bytes: upload, raw or as multipart, and download by a secret address."""

    def __init__(self, workspace: WorkspaceState) -> None:
        self._workspace = workspace

    async def receive(self, request: Request) -> Response:
        """Take the bytes of an announced file; answer 200 if their length is the announced one."""
        refused = await _apply_fault(self._workspace, "upload")
        if refused is not None:
            return refused
        body = await request.body()
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            body = next(iter(split_multipart(body, content_type).values()), b"")
        if not self._workspace.files.receive(request.path_params["key"], body):
            return PlainTextResponse("no such upload, or another length than announced", 400)
        return PlainTextResponse(f"OK - {len(body)}")

    async def send(self, request: Request) -> Response:
        """Send the bytes of a file as an attachment."""
        file = self._workspace.files.by_id.get(request.path_params["file_id"])
        if file is None or file.content is None or file.upload_key != request.path_params["key"]:
            return PlainTextResponse("file_not_found", 404)
        safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in file.name)
        headers = {
            "content-disposition": f'attachment; filename="{safe}"',
            "x-content-type-options": "nosniff",
        }
        return Response(file.content, media_type="application/octet-stream", headers=headers)

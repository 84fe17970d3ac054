"""The bot's answers outside the Web API (in an ack, at a `response_url`), and the addresses of files."""

import json
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.response_urls import ResponseUrl
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.validator import checked_content
from bot.demo.workspace.web_api_routes import lost_answer, meet_fault, split_multipart
from bot.domain.block_kit import slack_limits as limits


def show_answer(workspace: WorkspaceState, answer: Json, reply_url: ResponseUrl) -> None:
    """Show an answer to the person of `reply_url` only, unless it says `in_channel`.

    Raises MethodRefusal as `checked_content` does.
    """
    public = answer.get("response_type") == "in_channel"
    whom = {"thread_ts": answer.get("thread_ts")} if public else {"only_for": reply_url.user}
    message = workspace.post(reply_url.channel, BOT_USER, **whom, **_content(answer))
    if reply_url.message_ts is None:
        reply_url.message_ts = message.ts


def _content(answer: Json) -> Json:
    text, blocks = str(answer.get("text") or ""), answer.get("blocks") or []
    content = checked_content(text, blocks, answer.get("attachments") or [])
    return content | {"text": text[: limits.POST_TEXT]}


async def receive_answer(workspace: WorkspaceState, request: Request) -> Response:
    """Show one answer at a `response_url`. Errors are plain words with 400, 404, 429 or 500."""
    try:
        await meet_fault(workspace, "response_url")
        reply_url = workspace.response_urls.find(request.path_params["key"])
        if not isinstance(reply_url, ResponseUrl):
            return PlainTextResponse(reply_url, 404)
        _apply(workspace, reply_url, await _read_answer(request))
    except MethodRefusal as refusal:
        return _refused(refusal)
    reply_url.uses += 1
    if workspace.faults.take("response_url", "unanswered") is not None:
        return lost_answer()
    return PlainTextResponse("ok")


def _refused(refusal: MethodRefusal) -> Response:
    status = 400 if refusal.status == 200 else refusal.status
    return PlainTextResponse(refusal.code, status, refusal.headers)


def _apply(workspace: WorkspaceState, reply_url: ResponseUrl, answer: Json) -> None:
    original = workspace.channels[reply_url.channel].messages.get(reply_url.message_ts or "")
    if answer.get("delete_original"):
        if any(value for name, value in answer.items() if name != "delete_original"):
            raise MethodRefusal("invalid_payload")
        if original is not None:
            workspace.delete_message(original)
    elif answer.get("replace_original") and original is not None:
        workspace.change_message(original, _content(answer))
    else:
        show_answer(workspace, answer, reply_url)


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


async def receive_file(workspace: WorkspaceState, request: Request) -> Response:
    """Take the bytes of an announced file; answer 200 if their length is the announced one."""
    try:
        await meet_fault(workspace, "upload")
    except MethodRefusal as refusal:
        return _refused(refusal)
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/form-data"):
        body = next(iter(split_multipart(body, content_type).values()), b"")
    if not workspace.files.receive(request.path_params["key"], body):
        return PlainTextResponse("no such upload, or another length than announced", 400)
    return PlainTextResponse(f"OK - {len(body)}")


async def send_file(workspace: WorkspaceState, request: Request) -> Response:
    """Send the bytes of a file as an attachment, at its secret address."""
    file = workspace.files.by_id.get(request.path_params["file_id"])
    if file is None or file.content is None or file.upload_key != request.path_params["key"]:
        return PlainTextResponse("file_not_found", 404)
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in file.name)
    headers = {"content-disposition": f'attachment; filename="{safe}"', "x-content-type-options": "nosniff"}
    return Response(file.content, media_type="application/octet-stream", headers=headers)

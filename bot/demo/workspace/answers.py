"""Answers of the bot outside the Web API: in an ack's body or to a `response_url`."""

from typing import Any

from bot.demo.workspace.conversation import StoredMessage
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.response_urls import ResponseUrl
from bot.demo.workspace.state import WorkspaceState
from bot.demo.workspace.validator import check_attachments, check_message
from bot.domain.block_kit import slack_limits as limits


def show_answer(workspace: WorkspaceState, answer: Json, reply_url: ResponseUrl) -> StoredMessage:
    """Show an answer to the person of `reply_url` only, unless it says `in_channel`.

    Raises MethodRefusal `no_text`, `invalid_blocks` or another word of `check_message`.
    """
    public = answer.get("response_type") == "in_channel"
    message = StoredMessage(
        ts="",
        channel=reply_url.channel,
        user=BOT_USER,
        thread_ts=answer.get("thread_ts") if public else None,
        only_for=None if public else reply_url.user,
        **_content(answer),
    )
    message.ts = workspace.next_ts()
    workspace.add_message(message)
    if reply_url.message_ts is None:
        reply_url.message_ts = message.ts
    return message


def replace_message(workspace: WorkspaceState, message: StoredMessage, answer: Json) -> None:
    """Replace a message by an answer. Raises as `show_answer`."""
    content = _content(answer)
    workspace.name_blocks(content["blocks"])
    message.text, message.attachments = content["text"], content["attachments"]
    message.replace_blocks(content["blocks"])


def _content(answer: Json) -> dict[str, Any]:
    text, blocks = str(answer.get("text") or ""), answer.get("blocks") or []
    attachments = answer.get("attachments") or []
    if not (text or blocks or attachments):
        raise MethodRefusal("no_text")
    check_message(blocks)
    check_attachments(attachments)
    return {"text": text[: limits.POST_TEXT], "blocks": blocks, "attachments": attachments}

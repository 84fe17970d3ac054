"""The simulator's refusal of blocks, attachments and views that Slack would refuse."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.checks import BlockProblem
from bot.domain.block_kit.validation import block_problems, view_problems

_BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")
_LITERAL = {"plain_text", "raw_text", "raw_number", "text", "link"}


def checked_content(text: str, blocks: object, attachments: object) -> Json:
    """Return the content of a message.

    Raises MethodRefusal `no_text`, `invalid_blocks`, `invalid_blocks_format`, `msg_blocks_too_long`,
    `invalid_attachments` or `too_many_attachments`.
    """
    if not (text or blocks or attachments):
        raise MethodRefusal("no_text")
    check_message(blocks)
    check_attachments(attachments)
    return {"text": text, "blocks": blocks, "attachments": attachments}


def check_message(blocks: object) -> None:
    if not isinstance(blocks, list):
        raise MethodRefusal("invalid_blocks_format")
    _refuse("invalid_blocks", block_problems(blocks))
    if shown_length(blocks) > limits.MESSAGE_CHARACTERS:
        raise MethodRefusal("msg_blocks_too_long")


def check_attachments(attachments: object) -> None:
    if not isinstance(attachments, list) or not all(isinstance(each, dict) for each in attachments):
        raise MethodRefusal("invalid_attachments")
    if len(attachments) > limits.ATTACHMENTS:
        raise MethodRefusal("too_many_attachments")
    found: list[BlockProblem] = []
    for index, attachment in enumerate(attachments):
        found += block_problems(attachment.get("blocks", []), ("attachments", index, "blocks"))
    _refuse("invalid_attachments", found)


def check_view(view: Json) -> None:
    """Raise MethodRefusal `invalid_arguments` or `view_too_large` for a modal or Home page."""
    if len(json.dumps(view, ensure_ascii=False).encode(errors="replace")) > limits.VIEW_BYTES:
        raise MethodRefusal("view_too_large")
    _refuse("invalid_arguments", view_problems(view))


def _refuse(code: str, problems: list[BlockProblem]) -> None:
    if problems:
        raise MethodRefusal(code, tuple(problem.message for problem in problems))


def shown_length(blocks: list[Json]) -> int:
    """Return the characters as rendered: `&<>` of literal text count as entities, a header 100 more.

    Written apart from `rendered_length` of `bot.slack.message_budget` on purpose: Slack documents neither,
    and a test holds each against the other.
    """
    headers = len([block for block in blocks if block.get("type") == "header"])
    texts: int = sum(_lengths(blocks))
    return limits.HEADER_OVERHEAD * headers + texts


def _lengths(value: Any) -> Iterator[int]:
    if isinstance(value, list):
        for item in value:
            yield from _lengths(item)
    elif isinstance(value, dict):
        kind, text = value.get("type"), value.get("text")
        if isinstance(text, str):
            yield _literal(text) if kind in _LITERAL else len(_BARE_AMPERSAND.sub("&amp;", text))
        for name in ("caption", "title"):
            if isinstance(value.get(name), str):
                yield _literal(value[name])
        for inner in value.values():
            yield from _lengths(inner)


def _literal(text: str) -> int:
    return len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))

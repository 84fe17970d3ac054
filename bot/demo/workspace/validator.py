"""Says what Slack would refuse. Written apart from the bot's own limits on purpose: each checks the other."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from bot.demo.workspace.block_rules import BLOCKS, SURFACES
from bot.demo.workspace.block_tree import elements_of, every_block, leaves, touchable
from bot.demo.workspace.object_rules import plain
from bot.demo.workspace.refusal import Json, MethodRefusal
from bot.demo.workspace.shapes import Findings, anything, boolean, items, kinds, one_of, shape, string

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ATTACHMENTS = 100
VIEW_BYTES = 250_000
"""Bytes of a view's JSON (Slack documentation, "views.open", `view_too_large`)."""

MESSAGE_CHARS = 13_200
"""Characters that all blocks of a message may show together. Undocumented; as others measured it."""

HEADER_CHARS = 100
"""What a header block counts for besides its text, by the same measurement."""

_BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")
_LITERAL = {"plain_text", "raw_text", "raw_number", "text", "link"}


def check_message(blocks: object) -> None:
    """Raise Refusal `invalid_blocks`, `invalid_blocks_format` or `msg_blocks_too_long`."""
    if not isinstance(blocks, list):
        raise MethodRefusal("invalid_blocks_format")
    messages = block_problems(blocks, "message", "/blocks")
    if messages:
        raise MethodRefusal("invalid_blocks", tuple(messages))
    if shown_length(blocks) > MESSAGE_CHARS:
        raise MethodRefusal("msg_blocks_too_long")


def check_attachments(attachments: object) -> None:
    """Raise Refusal `invalid_attachments` or `too_many_attachments`; blocks in them have limits too."""
    if not isinstance(attachments, list) or not all(isinstance(each, dict) for each in attachments):
        raise MethodRefusal("invalid_attachments")
    if len(attachments) > ATTACHMENTS:
        raise MethodRefusal("too_many_attachments")
    found: list[str] = []
    for index, attachment in enumerate(attachments):
        blocks = attachment.get("blocks", [])
        pointer = f"/attachments/{index}/blocks"
        found += block_problems(blocks, "message", pointer)
    if found:
        raise MethodRefusal("invalid_attachments", tuple(found))


def check_view(view: Json) -> None:
    """Raise Refusal `invalid_arguments` or `view_too_large` for a modal or Home page that Slack refuses."""
    if len(json.dumps(view, ensure_ascii=False).encode(errors="replace")) > VIEW_BYTES:
        raise MethodRefusal("view_too_large")
    found = Findings()
    shape(
        {"type": one_of("modal", "home"), "blocks": anything},
        {
            "title": plain(24),
            "submit": plain(24),
            "close": plain(24),
            "private_metadata": string(3_000, 0),
            "callback_id": string(255, 0),
            "external_id": string(255, 0),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    )(found, "/view", view)
    blocks = view.get("blocks")
    if isinstance(blocks, list):
        found.messages += block_problems(blocks, str(view.get("type")), "/view/blocks")
    else:
        found.add("/view/blocks", "must provide an array")
    _check_modal(found, view)
    if found.messages:
        raise MethodRefusal("invalid_arguments", tuple(found.messages))


def block_problems(blocks: Any, surface: str, pointer: str) -> list[str]:
    """What is wrong with these blocks on this surface (`message`, `modal`, `home`), in Slack's words."""
    found = Findings()
    most = MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
    items(kinds(BLOCKS, SURFACES.get(surface, ())), most, 0)(found, pointer, blocks)
    if not found.messages:
        _check_names(found, blocks, pointer)
    return found.messages


def shown_length(blocks: list[Json]) -> int:
    """Characters as rendered: `&<>` of literal text counted as entities, each header as a hundred more."""
    headers = len([block for block in blocks if block.get("type") == "header"])
    texts: int = sum(_lengths(blocks))
    return HEADER_CHARS * headers + texts


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


def _check_names(found: Findings, blocks: list[Json], pointer: str) -> None:
    """A block_id is one block's in the whole payload, an action_id one element's in its block."""
    _check_once(found, "block_id", (block.get("block_id") for block in every_block(blocks)), pointer)
    for block in leaves(blocks):
        _check_once(found, "action_id", (each.get("action_id") for each in elements_of(block)), pointer)
    eager = [element for _block, element in touchable(blocks) if element.get("focus_on_load")]
    if len(eager) > 1:
        found.add(pointer, "only one element can have focus_on_load set to true")


def _check_once(found: Findings, name: str, values: Iterable[str | None], pointer: str) -> None:
    for value, times in Counter(value for value in values if value is not None).items():
        if times > 1:
            found.add(pointer, f"duplicate {name}: {value}")


def _check_modal(found: Findings, view: Json) -> None:
    if view.get("type") != "modal":
        return
    if "title" not in view:
        found.add("/view", "missing required field: title")
    blocks = view.get("blocks")
    inputs = isinstance(blocks, list) and any(
        isinstance(b, dict) and b.get("type") == "input" for b in blocks
    )
    if inputs and "submit" not in view:
        found.add("/view/submit", "must be defined when an input block is used within the blocks array")

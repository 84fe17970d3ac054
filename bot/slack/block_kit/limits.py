"""Whether Slack would take a message, modal or Home view: our own count, made before Slack makes its own."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from bot.slack.block_kit import sizes
from bot.slack.block_kit.blocks import BASIC, text_object
from bot.slack.block_kit.checks import Check, Problem, array, boolean, literal, shape, string, typed
from bot.slack.block_kit.new_blocks import NEW
from bot.slack.mrkdwn import cost

Block = Mapping[str, Any]

_SHAPES: dict[str, Check] = {**BASIC, **NEW}
_MESSAGE_ONLY = {"markdown", "data_visualization", "plan", "task_card", "context_actions"}
_NOT_IN_MODALS = {"table", "data_table", "container", "carousel"}


_HOLDERS = {"container": "child_blocks", "carousel": "elements"}


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


_NOT_ON = {
    Surface.MESSAGE: {"alert"},
    Surface.MODAL: _MESSAGE_ONLY | _NOT_IN_MODALS,
    Surface.HOME: _MESSAGE_ONLY | {"alert"},
}
_BLOCKS = {
    surface: array(
        typed(_SHAPES, *(_SHAPES.keys() - unfit)),
        sizes.MESSAGE_BLOCKS if surface is Surface.MESSAGE else sizes.VIEW_BLOCKS,
        least=0,
    )
    for surface, unfit in _NOT_ON.items()
}
_VIEW: dict[str, Check] = {
    "private_metadata": string(sizes.PRIVATE_METADATA, least=0),
    "callback_id": string(sizes.IDENTIFIER),
    "external_id": literal,
}
_MODAL: dict[str, Check] = {
    **_VIEW,
    **{key: text_object(sizes.VIEW_TITLE, "plain_text") for key in ("title", "submit", "close")},
    **dict.fromkeys(("clear_on_close", "notify_on_close", "submit_disabled"), boolean),
}
_VIEWS = {
    Surface.HOME: shape({"blocks": _BLOCKS[Surface.HOME]}, _VIEW),
    Surface.MODAL: shape({"blocks": _BLOCKS[Surface.MODAL], "title": _MODAL["title"]}, _MODAL),
}


def problems(payload: Mapping[str, Any], surface: Surface = Surface.MESSAGE) -> list[Problem]:
    """Everything that Slack would refuse in a message (`text`, `blocks`) or in a view.

    A message is held to the least that any of the three posting methods takes, so that it can be edited and
    sent to one person as it is.
    """
    blocks = payload.get("blocks", ())
    found = list(_message(payload) if surface is Surface.MESSAGE else _VIEWS[surface](payload, "view"))
    if not found:
        found += _sums(blocks)
        found += _message_sums(blocks) if surface is Surface.MESSAGE else _submit(payload, surface)
    return found


def rendered(block: Any) -> int:
    """Characters of one block that count towards `sizes.MESSAGE_CHARACTERS`, on the safe side."""
    return _rendered(block) + (sizes.HEADER_OVERHEAD if block.get("type") == "header" else 0)


def _rendered(value: Any) -> int:
    if isinstance(value, list | tuple):
        return sum(map(_rendered, value))
    if not isinstance(value, Mapping):
        return 0
    own = sum(_counted(value, key) for key in ("text", "caption", "title", "alt_text", "name"))
    return own + sum(_rendered(inner) for inner in value.values() if not isinstance(inner, str))


def _counted(value: Mapping[str, Any], key: str) -> int:
    text = value.get(key)
    if not isinstance(text, str):
        return 0
    return len(text) if value.get("type") == "mrkdwn" else cost(text)  # mrkdwn has its entities already


def _message(payload: Mapping[str, Any]) -> Iterator[Problem]:
    text = payload.get("text", "")
    if not isinstance(text, str) or not text.strip():
        yield Problem("text", "empty: screen readers and notifications have nothing else", "no_text")
    elif len(text) > sizes.UPDATE_TEXT:
        yield Problem("text", f"{len(text):,} characters, at most {sizes.UPDATE_TEXT:,}", "msg_too_long")
    elif len(text.encode(errors="replace")) > sizes.EPHEMERAL_TEXT_BYTES:
        yield Problem("text", f"more than {sizes.EPHEMERAL_TEXT_BYTES:,} bytes", "msg_too_long")
    yield from _BLOCKS[Surface.MESSAGE](payload.get("blocks", ()), "blocks")


def _sums(blocks: Iterable[Block]) -> Iterator[Problem]:
    everything = list(_every(blocks))
    identifiers = Counter(block["block_id"] for block in everything if "block_id" in block)
    yield from (Problem("blocks", f"block_id {name} twice") for name, n in identifiers.items() if n > 1)
    for index, block in enumerate(everything):
        actions = Counter(one["action_id"] for one in block.get("elements", ()) if "action_id" in one)
        twice = [name for name, n in actions.items() if n > 1]
        yield from (Problem(f"blocks[{index}]", f"action_id {name} twice") for name in twice)
    if sum(bool(one.get("focus_on_load")) for block in everything for one in _elements(block)) > 1:
        yield Problem("blocks", "focus_on_load more than once")
    yield from _table_sums(blocks, "table", sizes.TABLE_CHARACTERS)
    yield from _table_sums(blocks, "data_table", sizes.DATA_TABLE_CHARACTERS)
    if sum(block["type"] == "table" for block in blocks) > sizes.TABLES:
        yield Problem("blocks", "more than one table", "only_one_table_allowed")


def _every(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, and those that a container or a carousel holds."""
    for block in blocks:
        yield block
        yield from _every(block.get(_HOLDERS.get(block["type"], ""), ()))


def _elements(block: Block) -> Iterator[Block]:
    yield from (block[key] for key in ("element", "accessory") if key in block)
    yield from block.get("elements", ())


def _table_sums(blocks: Iterable[Block], kind: str, most: int) -> Iterator[Problem]:
    characters = sum(_rendered(block["rows"]) for block in blocks if block["type"] == kind)
    if characters > most:
        yield Problem("blocks", f"{characters:,} characters in {kind} blocks, at most {most:,}")


def _message_sums(blocks: Iterable[Block]) -> Iterator[Problem]:
    total = sum(map(rendered, blocks))
    if total > sizes.MESSAGE_CHARACTERS:
        sentence = f"{total:,} characters, at most about {sizes.MESSAGE_CHARACTERS:,}"
        yield Problem("blocks", sentence, "msg_blocks_too_long")
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > sizes.MARKDOWN_TEXT:
        yield Problem("blocks", f"more than {sizes.MARKDOWN_TEXT:,} characters of markdown")
    if sum(block["type"] == "data_visualization" for block in blocks) > sizes.CHARTS:
        yield Problem("blocks", f"more than {sizes.CHARTS} charts")


def _submit(view: Mapping[str, Any], surface: Surface) -> Iterator[Problem]:
    has_input = any(block["type"] == "input" for block in view["blocks"])
    if surface is Surface.MODAL and has_input and "submit" not in view:
        yield Problem("view.submit", "a modal with inputs needs a submit button")

"""The limits on a whole Slack message: the room left while it is being filled, and a check of the result."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.block_kit import slack_limits as limits
from bot.domain.block_kit.checks import BlockProblem
from bot.domain.block_kit.validation import block_problems
from bot.domain.reply import File
from bot.domain.text_safety import strip_invisible_line
from bot.slack.mrkdwn import cost, fit

Block = dict[str, Any]

CHARACTERS = 12_000
"""The part of `limits.MESSAGE_CHARACTERS` that we fill: Slack does not document that figure."""
_RESERVE = 500  # for the closing note and its block
_OVERHEAD = 40  # added to the text by its block: "Warning: ", an emoji's name
_LEAST = 20  # a shorter piece of a text is left out
_NAME = 100
_COUNTED = frozenset({"text", "caption", "title", "alt_text", "name"})


@dataclass(slots=True)
class MessageBudget:
    """The room left in one message, and the files that go with it.

    `is_cut`: something was shortened or left out that no file holds yet.
    """

    characters: int = CHARACTERS - _RESERVE
    blocks: int = limits.MESSAGE_BLOCKS - 1
    files: list[File] = field(default_factory=list)
    is_cut: bool = False
    buttons: int = 0
    charts: int = limits.CHARTS

    def fit(self, text: str, limit: int, *, is_kept: bool = False) -> str:
        """Return as much of `text` as `limit` and the budget allow, empty if that is next to nothing.

        `is_kept`: the caller puts the whole text into a file.
        """
        room = min(limit, self.characters - _OVERHEAD)
        shown = text if cost(text) <= room else fit(text, room) if room >= _LEAST else ""
        self.is_cut |= shown != text and not is_kept
        return shown

    def spend(self, block: Block) -> bool:
        """Take the characters of `block` from the budget and return whether it had enough."""
        size = rendered_length(block)
        if size > self.characters:
            self.is_cut = True
            return False
        self.characters -= size
        return True

    def place(self, block: Block, *, is_paid: bool = False) -> list[Block]:
        """Return the block if it has room, else nothing. `is_paid`: its characters are spent already."""
        if self.blocks < 1:
            self.is_cut = True
            return []
        if not is_paid and not self.spend(block):
            return []
        self.blocks -= 1
        return [block]

    def attach(self, name: str, content: bytes) -> str:
        """Add a file under a unique name and return the name."""
        clean = re.sub(r"[^\w.() -]+", "-", strip_invisible_line(name)).strip(" .-")[:_NAME] or "file"
        taken = {file.name for file in self.files}
        stem, dot, suffix = clean.rpartition(".")
        number, unique = 2, clean
        while unique in taken:
            unique = f"{stem}-{number}{dot}{suffix}" if dot else f"{clean}-{number}"
            number += 1
        self.files.append(File(unique, content))
        return unique


def message_problems(payload: Mapping[str, Any]) -> list[BlockProblem]:
    """Return everything that Slack would refuse in a message's `text` and `blocks`.

    A message must satisfy the strictest of the three posting methods, so that it can be edited and sent to
    one person as it is.
    """
    blocks = payload.get("blocks", [])
    problems = [*_text_problems(payload.get("text", "")), *block_problems(blocks)]
    total = sum(map(rendered_length, blocks)) if not problems else 0
    if total > limits.MESSAGE_CHARACTERS:
        words = f"{total:,} characters, at most about {limits.MESSAGE_CHARACTERS:,}"
        problems.append(BlockProblem(("blocks",), words, code="msg_blocks_too_long"))
    return problems


def _text_problems(text: str) -> Iterator[BlockProblem]:
    if not text.strip():
        words = "empty: screen readers and notifications have nothing else"
        yield BlockProblem(("text",), words, code="no_text")
    elif len(text) > limits.UPDATE_TEXT:
        words = f"{len(text):,} characters, at most {limits.UPDATE_TEXT:,}"
        yield BlockProblem(("text",), words, code="msg_too_long")
    elif len(text.encode(errors="replace")) > limits.EPHEMERAL_TEXT_BYTES:
        words = f"more than {limits.EPHEMERAL_TEXT_BYTES:,} bytes"
        yield BlockProblem(("text",), words, code="msg_too_long")


def rendered_length(block: Block) -> int:
    """Return the characters of one block that count towards `MESSAGE_CHARACTERS`, rather too many."""
    return _text_length(block) + (limits.HEADER_OVERHEAD if block.get("type") == "header" else 0)


def _text_length(value: Any) -> int:
    if isinstance(value, list | tuple):
        return sum(map(_text_length, value))
    if not isinstance(value, dict):
        return 0
    size = len if value.get("type") == "mrkdwn" else cost  # mrkdwn has its entities already
    return sum(
        _text_length(inner) if not isinstance(inner, str) else size(inner) if key in _COUNTED else 0
        for key, inner in value.items()
    )

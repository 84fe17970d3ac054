"""The room that is left in a Slack message while it is being filled."""

import re
from dataclasses import dataclass, field
from typing import Any

from bot.domain.reply import File
from bot.domain.text_safety import stripped_line
from bot.slack.block_kit import sizes
from bot.slack.block_kit.limits import rendered
from bot.slack.mrkdwn import cost, fit

Block = dict[str, Any]

CHARACTERS = 12_000
"""What we fill of `sizes.MESSAGE_CHARACTERS`, a figure that Slack does not document."""
_RESERVE = 500  # for the closing note and its block
_OVERHEAD = 40  # what a block adds to its text: "Warning: ", the emoji's name, a header's size
_LEAST = 20  # less than this of a text is worth nothing
_NAME = 100


@dataclass(slots=True)
class MessageBudget:
    """Counts down what one message may hold, and collects what has to go beside it.

    `is_cut` says that something was shortened or left out that no file holds yet.
    """

    characters: int = CHARACTERS - _RESERVE
    blocks: int = sizes.MESSAGE_BLOCKS - 1
    files: list[File] = field(default_factory=list)
    is_cut: bool = False
    buttons: int = 0
    charts: int = sizes.CHARTS

    def fit(self, text: str, limit: int, *, is_kept: bool = False) -> str:
        """As much of `text` as `limit` and the page have room for; nothing where that is next to nothing.

        `is_kept` says that the caller puts the whole text into a file.
        """
        room = min(limit, self.characters - _OVERHEAD)
        shown = text if cost(text) <= room else fit(text, room) if room >= _LEAST else ""
        self.is_cut |= shown != text and not is_kept
        return shown

    def spend(self, block: Block) -> bool:
        """Take the characters of `block` from the page, if it has that many left."""
        size = rendered(block)
        if size > self.characters:
            self.is_cut = True
            return False
        self.characters -= size
        return True

    def place(self, block: Block, *, is_paid: bool = False) -> list[Block]:
        """The block, its room taken; nothing when there is none left. `is_paid`: its characters are spent."""
        if self.blocks < 1:
            self.is_cut = True
            return []
        if not is_paid and not self.spend(block):
            return []
        self.blocks -= 1
        return [block]

    def attach(self, name: str, content: bytes) -> str:
        """Add a file under a name of its own, and say which."""
        clean = re.sub(r"[^\w.() -]+", "-", stripped_line(name)).strip(" .-")[:_NAME] or "file"
        taken = {file.name for file in self.files}
        stem, dot, suffix = clean.rpartition(".")
        number, unique = 2, clean
        while unique in taken:
            unique = f"{stem}-{number}{dot}{suffix}" if dot else f"{clean}-{number}"
            number += 1
        self.files.append(File(unique, content))
        return unique

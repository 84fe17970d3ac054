"""Anchors: number and hash of the audit log's last row, in a line of text kept outside the machine."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import StoreError

MARK = "pgbot-audit"
"""Beginning of the line, by which it is found in a channel or a file with other text."""

_LINE = re.compile(
    rf"{MARK}\s+seq=(?P<seq>[0-9]+)\s+hash=(?P<hash>(?:hmac:)?(?:v2:)?[0-9a-f]{{64}})\s+at=(?P<at>[0-9T:.+Z-]+)"
    r"(?P<accepted>\s+accepted\b)?"
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The log at one time: it had `seq` rows, and the last had this hash.

    `is_accepted`: a person went on from there with a log that the anchors before it contradict.
    """

    seq: int
    hash: str
    at: datetime
    is_accepted: bool = False

    def __str__(self) -> str:
        line = f"{MARK} seq={self.seq} hash={self.hash} at={self.at.isoformat(timespec='seconds')}"
        return f"{line} accepted" if self.is_accepted else line


def anchors_in(text: str) -> tuple[Anchor, ...]:
    """Return every anchor in a text: an anchors file, or messages copied from Slack with other text.

    Raises StoreError for a damaged anchor, and for a text without any.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        matches = list(_LINE.finditer(line))
        if MARK in line and not matches:
            raise StoreError(
                f"Line {number} of the anchors is damaged.", "Copy it again from where it was posted."
            )
        found += [_anchor(match, number) for match in matches]
    if not found:
        raise StoreError("There is no anchor in it.", f"An anchor is a line that begins with {MARK}.")
    return tuple(found)


def anchors_in_force(anchors: Sequence[Anchor]) -> tuple[Anchor, ...]:
    """Return the anchors of one place, oldest first, without those before the last that a person accepted."""
    accepted = [number for number, each in enumerate(anchors) if each.is_accepted]
    return tuple(anchors[accepted[-1] :] if accepted else anchors)


def _anchor(match: re.Match[str], number: int) -> Anchor:
    try:
        at = datetime.fromisoformat(match["at"])
        return Anchor(int(match["seq"]), match["hash"], at, bool(match["accepted"]))
    except ValueError:
        raise StoreError(f"The time in line {number} of the anchors is none.") from None

"""Log lines as text that may be shown: sorted, one a line, and without secrets."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.cluster import LogLine
from bot.domain.redaction import redact
from bot.domain.text_safety import clip_text, escape_invisible

SHOWN_LINES = 30
SHOWN_CHARACTERS = 2_800
"""Limits of one message, so that a longer log becomes a file."""

SHOWN_WIDTH = 240

_NUMBER = re.compile(r"-([0-9]+)$")
_DAWN = datetime(1, 1, 1, tzinfo=UTC)


def newest_first(lines: Iterable[LogLine]) -> list[LogLine]:
    """Sort by time, the newest first, those without one last; equal times keep their order."""
    return sorted(lines, key=lambda line: line.at or _DAWN, reverse=True)


def instance_of(line: LogLine) -> str:
    """Return the number at the end of an instance's name (ionos-api-notes, section 8), else the name."""
    number = _NUMBER.search(line.instance)
    return str(int(number[1])) if number else line.instance


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """A line of the log that may be shown: without secrets and invisible characters. `instance` is its
    number."""

    at: datetime | None
    instance: str
    text: str

    @classmethod
    def of(cls, line: LogLine) -> "LogEntry":
        """Return a line as it may be shown.

        Secrets are hidden here, before anything searches the words, so that no search can guess at them.
        """
        words = escape_invisible(redact(line.text)).rstrip()
        return cls(at=line.at, instance=escape_invisible(instance_of(line)), text=words)


def as_text(entry: LogEntry) -> str:
    """Return time in UTC, instance and words; further lines of the same message are indented."""
    at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if entry.at else "no time"
    words = entry.text.replace("\n", "\n    ")
    return f"{at} [{entry.instance}] {words}"


def take_beginning(texts: list[str]) -> list[str]:
    """Return as many of the first as a message takes, each cut to a readable length; the first one always."""
    shown: list[str] = []
    room = SHOWN_CHARACTERS
    for text in texts[:SHOWN_LINES]:
        line = clip_text(text, SHOWN_WIDTH)
        room -= len(line) + 1
        if shown and room < 0:
            break
        shown.append(line)
    return shown

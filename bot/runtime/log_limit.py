"""A limit of log lines for each kind of line: a flood of one kind hides no other and fills no disk."""

import threading
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import structlog

BURST, LINES_PER_SECOND = 50.0, 5.0
"""Lines of one kind at once, and from then on."""

MAX_KINDS = 1_000
"""Kinds remembered; beyond them those are forgotten that have all their room. Code has a few hundred."""

MAX_LENGTH = 16_000
"""Characters of one value, such as a traceback."""

KIND = "kind"
"""Key under which a library's line names its place in the code: its text differs each time."""

LEFT_OUT = "log lines left out"


@dataclass(slots=True)
class _Kind:
    """Lines that may still be written, the time of that count, and lines left out that nobody was told of."""

    room: float
    at: float
    left_out: int = 0


class LineLimit:
    """A processor of structlog that drops lines of a kind that has too many, and says how many it dropped.

    The kind is the line's level and its text, which is constant in our own code. `LEFT_OUT` is logged when a
    kind begins to be dropped, and again with the number before its next line that is not, or before another
    kind's line once this one has been silent for a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kinds: dict[str, _Kind] = {}
        self._lock = threading.Lock()

    def __call__(self, _logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Return the line, with notes of what was left out in "notes". Raises DropEvent."""
        name = f"{event.get('level', '')} {event.pop(KIND, event.get('event', ''))}"
        with self._lock:
            now = self._clock()
            kind = self._find(name, now)
            kind.room = min(BURST, kind.room + (now - kind.at) * LINES_PER_SECOND)
            kind.at = now
            if kind.room >= 1:
                kind.room -= 1
                notes = [_note(*each) for each in self._take_counts(now, name)]
                return {**event, "notes": notes} if notes else event
            kind.left_out += 1
            if kind.left_out > 1:
                raise structlog.DropEvent
        about = {key: event[key] for key in ("level", "timestamp") if key in event}
        return {"event": f"{LEFT_OUT} from now on", "of": name, **about}

    def take_rest(self) -> list[dict[str, Any]]:
        """Return notes of everything that was left out and not said yet."""
        with self._lock:
            return [_note(*each) for each in self._take_counts(float("inf"), "")]

    def _find(self, name: str, now: float) -> _Kind:
        if name not in self._kinds and len(self._kinds) >= MAX_KINDS:
            full = BURST / LINES_PER_SECOND
            self._kinds = {
                each: kind for each, kind in self._kinds.items() if kind.left_out or now - kind.at < full
            }
        return self._kinds.setdefault(name, _Kind(BURST, now))

    def _take_counts(self, now: float, name: str) -> list[tuple[str, int]]:
        """Return this kind and those that have been silent for a second, with their numbers; reset them."""
        found = []
        for each, kind in self._kinds.items():
            if kind.left_out and (each == name or now - kind.at >= 1):
                found.append((each, kind.left_out))
                kind.left_out = 0
        return found


def _note(kind: str, count: int) -> dict[str, Any]:
    return {"event": LEFT_OUT, "count": count, "of": kind}


def clip_values(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut values that are longer than `MAX_LENGTH`, such as the traceback of a deep recursion."""
    return {
        key: f"{value[:MAX_LENGTH]}… [{len(value)} characters]"
        if isinstance(value, str) and len(value) > MAX_LENGTH
        else value
        for key, value in event.items()
    }

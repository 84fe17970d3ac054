"""The process's log: one line of JSON per event on standard error, without secrets.

A limit of lines for each kind of line: a flood of one kind hides no other and fills no disk.
"""

import atexit
import logging
import sys
import threading
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.domain.redaction import redact

BURST, LINES_PER_SECOND = 50.0, 5.0
"""Lines of one kind at once, and from then on."""

MAX_KINDS = 1_000
"""Kinds remembered; beyond them those are forgotten that have all their room. Code has a few hundred."""

MAX_LENGTH = 16_000
"""Characters of one value, such as a traceback."""

KIND = "kind"
"""Key under which a library's line names its place in the code: its text differs each time."""

LEFT_OUT = "log lines left out"

QUIET = ("slack_bolt", "slack_sdk", "aiohttp", "httpx", "httpcore", "uvicorn", "asyncio")
"""Libraries that log bodies, addresses or tokens below WARNING (slack-facts, section 7)."""


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

    def __init__(self, clock: Callable[[], float]) -> None:
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
                notes = self._take_notes(now, name)
                return {**event, "notes": notes} if notes else event
            kind.left_out += 1
            if kind.left_out > 1:
                raise structlog.DropEvent
        about = {key: event[key] for key in ("level", "timestamp") if key in event}
        return {"event": f"{LEFT_OUT} from now on", "of": name, **about}

    def take_rest(self) -> list[dict[str, Any]]:
        """Return notes of everything that was left out and not said yet."""
        with self._lock:
            return self._take_notes(float("inf"), "")

    def _find(self, name: str, now: float) -> _Kind:
        if name not in self._kinds and len(self._kinds) >= MAX_KINDS:
            full = BURST / LINES_PER_SECOND
            self._kinds = {
                each: kind for each, kind in self._kinds.items() if kind.left_out or now - kind.at < full
            }
        return self._kinds.setdefault(name, _Kind(BURST, now))

    def _take_notes(self, now: float, name: str) -> list[dict[str, Any]]:
        """Return notes of this kind and of those that have been silent for a second; reset their numbers."""
        found = []
        for each, kind in self._kinds.items():
            if kind.left_out and (each == name or now - kind.at >= 1):
                found.append({"event": LEFT_OUT, "count": kind.left_out, "of": each})
                kind.left_out = 0
        return found


def configure_logging(*, verbose: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
    """Set up structlog, and route the standard library's loggers through it."""
    level, limit = logging.DEBUG if verbose else logging.INFO, LineLimit(clock)
    atexit.register(_write_rest, limit)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            limit,
            structlog.processors.format_exc_info,
            _redacted,
            _rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_ToStructlog()], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Bolt warns at every start that SLACK_BOT_TOKEN is not used, which is how it is meant here.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)


def _redacted(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _clip(redact(value)) if isinstance(value, str) else value for key, value in event.items()}


def _clip(text: str) -> str:
    """Cut a value that is longer than `MAX_LENGTH`, such as the traceback of a deep recursion."""
    return f"{text[:MAX_LENGTH]}… [{len(text)} characters]" if len(text) > MAX_LENGTH else text


def _rendered(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> str:
    """Return the line, after a line for each note of the lines that were left out before it."""
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    notes = event.pop("notes", [])
    about = {name: event[name] for name in ("level", "timestamp") if name in event}
    return "\n".join(str(render(_logger, _name, each)) for each in (*({**n, **about} for n in notes), event))


def _write_rest(limit: LineLimit) -> None:
    log = structlog.get_logger()
    for note in limit.take_rest():
        log.warning(note.pop("event"), **note)


class _ToStructlog(logging.Handler):
    """A handler that puts the libraries' logs into our form and through our redaction."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        log.log(
            record.levelno,
            record.getMessage(),
            logger=record.name,
            exc_info=record.exc_info,
            **{KIND: f"{record.name}:{record.lineno}"},
        )

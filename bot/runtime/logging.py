"""The process's log: one line of JSON per event on standard error, without secrets."""

import atexit
import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot.domain.redaction import redact
from bot.runtime.log_limit import KIND, LineLimit, clip_values

QUIET = ("slack_bolt", "slack_sdk", "aiohttp", "httpx", "httpcore", "uvicorn", "asyncio")
"""Libraries that log bodies, addresses or tokens below WARNING (slack-facts, section 7)."""


def configure_logging(*, verbose: bool = False) -> None:
    """Set up structlog, and route the standard library's loggers through it."""
    level, limit = logging.DEBUG if verbose else logging.INFO, LineLimit()
    atexit.register(_write_rest, limit)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            limit,
            structlog.processors.format_exc_info,
            _redacted,
            clip_values,
            _rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = _ToStructlog()
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # Bolt warns at every start that SLACK_BOT_TOKEN is not used, which is how it is meant here.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)


def _redacted(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}


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

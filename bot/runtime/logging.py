"""The process's log: one line of JSON per event on standard error, without secrets."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot.domain.redaction import redact

QUIET = ("slack_bolt", "slack_sdk", "aiohttp", "httpx", "httpcore", "uvicorn", "asyncio")
"""Libraries that log bodies, addresses or tokens below WARNING (slack-facts, section 7)."""


def configure_logging(*, verbose: bool = False) -> None:
    """Set up structlog, and route the standard library's loggers through it."""
    level = logging.DEBUG if verbose else logging.INFO
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redacted,
            structlog.processors.JSONRenderer(ensure_ascii=False),
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


class _ToStructlog(logging.Handler):
    """A handler that puts the libraries' logs into our form and through our redaction."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)

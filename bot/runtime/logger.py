"""The process's log as modules write to it. What formats it is loaded with the first line: a command in the
terminal mostly writes none."""

import importlib
import logging
from collections.abc import Callable
from threading import Lock
from typing import Any


class Logger:
    """A logger of structlog, which is configured and loaded when something is first logged."""

    def __getattr__(self, level: str) -> Callable[..., Any]:
        _configure()
        method: Callable[..., Any] = getattr(importlib.import_module("structlog").get_logger(), level)
        return method


def get_logger() -> Logger:
    return Logger()


_lock = Lock()
_pending: list[bool] = []
"""The configuration that the first line asks for: `verbose`; empty where nothing is left to do."""


def configure_with_first_line(*, verbose: bool) -> None:
    """Have `bot.runtime.logging.configure_logging` called before anything is logged, by libraries as well."""
    _pending[:] = [verbose]
    logging.basicConfig(level=logging.WARNING, handlers=[_FirstRecord()], force=True)


def _configure() -> None:
    with _lock:
        if _pending:
            importlib.import_module("bot.runtime.logging").configure_logging(verbose=_pending[0])
            _pending.clear()


class _FirstRecord(logging.Handler):
    """The handler of the standard library's loggers, which the real one replaces at the first record."""

    def emit(self, record: logging.LogRecord) -> None:
        _configure()
        log = logging.getLogger(record.name)
        if log.isEnabledFor(record.levelno):  # as the configuration has it, which was not there before
            log.handle(record)

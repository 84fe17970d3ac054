"""The command line that all programs share: options, exit codes and errors. Light to import."""

import argparse
import gc
import importlib
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

from bot.domain.error_codes import ExitCode
from bot.domain.errors import PgbotError
from bot.domain.release import RELEASE
from bot.programs.terminal_screen import PROGRESS, declare_screen

Program = Callable[[argparse.Namespace], Coroutine[Any, Any, int] | int]
"""A program returns its exit code, or a coroutine that does."""


def open_parser() -> tuple[argparse.ArgumentParser, Any]:
    """Return the parser of `pgbot` without any program, and the place to add them."""
    parser = argparse.ArgumentParser(prog="pgbot", description="Slack ChatOps for IONOS Cloud PostgreSQL.")
    parser.add_argument(
        "--config", type=Path, help="settings file (default: PGBOT_CONFIG, then ./app.yaml if it exists)"
    )
    parser.add_argument(
        "--version", action="version", version=f"pgbot {RELEASE}", help="print the release and exit"
    )
    parser.add_argument("--verbose", action="store_true", help="log more")
    declare_screen(parser)
    return parser, parser.add_subparsers(required=True, metavar="PROGRAM")


def import_heavy(name: str) -> ModuleType:
    """Import a module that loads many others."""
    gc.disable()  # what imports make stays; looking through it again and again takes a fifth of the start
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def run_program(args: argparse.Namespace) -> int:
    """Run the program of these arguments and return its exit code; an error is one sentence on stderr."""
    try:
        ended: Coroutine[Any, Any, int] | int = args.program(args)
        return ended if isinstance(ended, int) else _run_to_end(ended)
    except PgbotError as error:
        say(error.sentence, error.next_step, to=sys.stderr)
        return error.error_code.exit_code
    except KeyboardInterrupt:
        return ExitCode.CANCELLED
    finally:
        PROGRESS.clear()


def _run_to_end(program: Coroutine[Any, Any, int]) -> int:
    import asyncio  # noqa: PLC0415 - half of what --help would load

    return asyncio.run(program)


def say(*lines: str, to: TextIO | None = None) -> None:
    """Print lines at once, to standard output unless `to` says otherwise."""
    PROGRESS.clear()
    stream = to or sys.stdout
    stream.write("\n".join(lines).rstrip("\n") + "\n")
    stream.flush()  # a reader that waits for the demo's address may be at the other end of a pipe

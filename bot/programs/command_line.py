"""The command line that all programs share: options, exit codes and errors. Light to import."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TextIO

from bot.domain.errors import PgbotError

OK, FAILED, USAGE, CANCELLED = 0, 1, 2, 130

Program = Callable[[argparse.Namespace], Coroutine[Any, Any, int] | int]
"""A program returns its exit code, or a coroutine that does."""


def open_parser() -> tuple[argparse.ArgumentParser, Any]:
    """Return the parser of `pgbot` without any program, and the place to add them."""
    parser = argparse.ArgumentParser(prog="pgbot", description="Slack ChatOps for IONOS Cloud PostgreSQL.")
    parser.add_argument(
        "--config", type=Path, help="app.yaml; else PGBOT_CONFIG, else ./app.yaml if there is one"
    )
    parser.add_argument("--verbose", action="store_true", help="log more")
    return parser, parser.add_subparsers(required=True, metavar="PROGRAM")


def run_program(args: argparse.Namespace) -> int:
    """Run the program of these arguments and return its exit code; an error is one sentence and USAGE."""
    try:
        ended: Coroutine[Any, Any, int] | int = args.program(args)
        return ended if isinstance(ended, int) else asyncio.run(ended)
    except PgbotError as error:
        say(error.sentence, error.next_step, to=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return CANCELLED


def say(*lines: str, to: TextIO | None = None) -> None:
    """Print lines at once, to standard output unless `to` says otherwise."""
    stream = to or sys.stdout
    stream.write("\n".join(lines).rstrip("\n") + "\n")
    stream.flush()  # a reader that waits for the demo's address may be at the other end of a pipe

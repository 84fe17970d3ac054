"""`pgbot`: the programs around the bot. Everything else is a command, run with `pgbot run "…"`."""

import argparse
import gc
import os
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from bot.domain.error_codes import ExitCode
from bot.domain.errors import PgbotError
from bot.domain.release import RELEASE
from bot.programs.program_arguments import PROGRAMS
from bot.programs.terminal_screen import PROGRESS, declare_screen, say
from bot.runtime.logger import configure_with_first_line

NEW_OBJECTS = 20_000
"""Objects that are made until Python looks for cycles among them; every 700, this takes 4 % of a command."""


def main(argv: list[str] | None = None) -> int:
    """Run a program and return its exit code: 0 done, 1 failed, 2 wrong usage or settings."""
    _leave_out_extras()
    gc.set_threshold(NEW_OBJECTS)
    argv = sys.argv[1:] if argv is None else argv
    args = open_programs(_first_word(argv)).parse_args(argv)
    configure_with_first_line(verbose=args.verbose)
    return _run_program(args)


def open_programs(*loaded: str) -> argparse.ArgumentParser:
    """Return the parser of these programs with their arguments; of all, without arguments, if it is none."""
    parser = argparse.ArgumentParser(prog="pgbot", description="Slack ChatOps for IONOS Cloud PostgreSQL.")
    parser.add_argument(
        "--config", type=Path, help="settings file (default: PGBOT_CONFIG, then ./app.yaml if it exists)"
    )
    parser.add_argument(
        "--version", action="version", version=f"pgbot {RELEASE}", help="print the release and exit"
    )
    parser.add_argument("--verbose", action="store_true", help="log more")
    declare_screen(parser)
    programs = parser.add_subparsers(required=True, metavar="PROGRAM")
    named = [name for name in PROGRAMS if name in loaded]
    for name in named or PROGRAMS:
        summary, declare = PROGRAMS[name]
        program = programs.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        if named:
            declare(program)
    parser.set_defaults(programs=tuple(PROGRAMS))
    return parser


def _run_program(args: argparse.Namespace) -> int:
    """Run the program of these arguments and return its exit code; an error is one sentence on stderr."""
    try:
        ended: Coroutine[Any, Any, int] | int = args.program(args)
        if isinstance(ended, int):
            return ended
        import asyncio  # noqa: PLC0415 - half of what --help would load

        return asyncio.run(ended)
    except PgbotError as error:
        say(error.sentence, error.next_step, to=sys.stderr)
        return error.error_code.exit_code
    except KeyboardInterrupt:
        return ExitCode.CANCELLED
    finally:
        PROGRESS.clear()


def _leave_out_extras() -> None:
    """Keep libraries from loading what they do without where it is not installed: a fifth of the start.

    httpx has a command line, made with click, Pygments and rich; pydantic looks through every installed
    package for plug-ins.
    """
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # Python's way to say that there is none
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _first_word(argv: Sequence[str]) -> str:
    """Return the name of the program, empty without one."""
    words = iter(argv)
    for word in words:
        if word == "--config":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


if __name__ == "__main__":
    sys.exit(main())

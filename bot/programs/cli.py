"""`pgbot`: the programs around the bot. Everything else is a command, run with `pgbot run "…"`."""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence

from bot.programs.command_line import open_parser, run_program
from bot.runtime.logger import configure_with_first_line

PROGRAMS = {
    "serve": "run the bot",
    "check": "check settings, tokens, scopes, channels and connections",
    "run": 'run one command: pgbot run "cluster list"',
    "schema": "print the JSON Schema of what a command returns to programs",
    "manifest": "print the Slack app manifest",
    "docs": "write docs/commands.md and docs/rules.md",
    "readiness": "check which v1 clusters are ready for v2",
    "scan": "find code that still calls v1",
    "precheck": "check a cluster's databases before and after the move",
    "audit": "verify, export and back up the audit log",
    "data": "back up and restore the bot's own files",
    "recover": "continue with older data, after showing what is lost",
    "takeover": "let this bot send instead of the bot that holds the Slack app",
    "completion": "print the script for Tab completion in your shell",
    "demo": "try the bot on this machine, with a simulated cloud and a simulated Slack",
}
"""The summary of each program. Only the module of the one that runs is loaded, for speed."""

NEW_OBJECTS = 20_000
"""Objects that are made until Python looks for cycles among them; every 700, this takes 4 % of a command."""


def main(argv: list[str] | None = None) -> int:
    """Run a program and return its exit code: 0 done, 1 failed, 2 wrong usage or settings."""
    _leave_out_extras()
    gc.set_threshold(NEW_OBJECTS)
    argv = sys.argv[1:] if argv is None else argv
    chosen = _first_word(argv)
    args = open_programs(chosen).parse_args(argv)
    configure_with_first_line(verbose=args.verbose)
    return run_program(args)


def open_programs(*loaded: str) -> argparse.ArgumentParser:
    """Return the parser of these programs with their arguments; of all, without arguments, if it is none."""
    parser, programs = open_parser()
    named = [name for name in PROGRAMS if name in loaded]
    for name in named or PROGRAMS:
        program = programs.add_parser(
            name, help=PROGRAMS[name], description=f"{PROGRAMS[name].capitalize()}."
        )
        if named:
            importlib.import_module("bot.programs.program_arguments").ARGUMENTS[name](program)
    parser.set_defaults(programs=tuple(PROGRAMS))
    return parser


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

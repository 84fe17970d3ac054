"""`pgbot`: the programs around the bot. Everything else is a command, run with `pgbot run "…"`."""

import argparse
import gc
import importlib
import sys
from collections.abc import Sequence

from bot.programs.command_line import open_parser, run_program

PROGRAMS = {
    "serve": ("serve_program", "run the bot"),
    "check": ("check_program", "validate settings, tokens, scopes, channels and reachability"),
    "run": ("terminal_client", 'run one command: pgbot run "cluster list"'),
    "manifest": ("manifest_program", "print the Slack app manifest"),
    "docs": ("docs_program", "write docs/commands.md and rules.md"),
    "readiness": ("readiness_program", "say which v1 clusters are ready for v2"),
    "scan": ("scan_program", "find what still speaks v1 in files and folders"),
    "precheck": ("precheck_program", "check a cluster's databases before and after the move"),
    "audit": ("audit_program", "verify, export and back up the audit log"),
    "data": ("data_program", "back up and restore the bot's own files"),
    "recover": ("recover_program", "go on with older data, after a look at what is lost"),
    "takeover": ("takeover_program", "have this bot send in place of the one that holds the Slack app"),
    "demo": ("demo_program", "try the bot here, with a stand-in cloud and a stand-in Slack"),
}
"""The module and summary of each program. Only the module of the program that runs is loaded, for speed."""

WITHOUT_LOG = "run"
"""It prints what `serve` answers, and loads no log for that."""


def main(argv: list[str] | None = None) -> int:
    """Run a program and return its exit code: 0 done, 1 failed, 2 wrong usage or settings."""
    argv = sys.argv[1:] if argv is None else argv
    chosen = _first_word(argv)
    args = open_programs(chosen).parse_args(argv)
    if chosen != WITHOUT_LOG:
        importlib.import_module("bot.runtime.logging").configure_logging(verbose=args.verbose)
    return run_program(args)


def open_programs(*loaded: str) -> argparse.ArgumentParser:
    """Return the parser of all programs, with the arguments of those that are to be loaded."""
    parser, programs = open_parser()
    gc.disable()  # what imports make stays; looking through it again and again takes a fifth of the start
    for name, (module, words) in PROGRAMS.items():
        program = programs.add_parser(name, help=words, description=f"{words.capitalize()}.")
        if name in loaded:
            importlib.import_module(f"bot.programs.{module}").add_arguments(program)
    gc.freeze()
    gc.enable()
    return parser


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

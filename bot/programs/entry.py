"""`pgbot` as it is installed: `pgbot run` loads only what it needs itself, for people wait for it."""

import importlib
import sys
from collections.abc import Sequence

from bot.programs import terminal_client
from bot.programs.command_line import open_parser, run_program


def main(argv: list[str] | None = None) -> int:
    """Run a program and return its exit code; see `bot.programs.cli.main`."""
    argv = sys.argv[1:] if argv is None else argv
    if not _is_run(argv):
        code: int = importlib.import_module("bot.programs.cli").main(argv)
        return code
    parser, programs = open_parser()
    terminal_client.add_program(programs)
    return run_program(parser.parse_args(argv))


def _is_run(argv: Sequence[str]) -> bool:
    words = iter(argv)
    for word in words:
        if word == "--config":
            next(words, None)
        elif not word.startswith("-"):
            return word == "run"
    return False


if __name__ == "__main__":
    sys.exit(main())

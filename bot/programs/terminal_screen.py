"""The terminal that a program prints to: whether it is one, in colour, how large, its pager and its progress.

Light to import: what draws is loaded only where there is a terminal to draw on.
"""

import argparse
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

NO_TERMINAL = (120, 24)
"""Columns and lines where colours are forced, and no terminal says how large it is."""


_COLOURS = {
    "blocker": "\x1b[1;31m",
    **dict.fromkeys(("action", "inconclusive"), "\x1b[33m"),
    **dict.fromkeys(("advice", "ask"), "\x1b[36m"),
    "info": "\x1b[2m",
}
_LABEL = re.compile(rf"\[({'|'.join(_COLOURS)})\]")


@dataclass(frozen=True, slots=True)
class TerminalScreen:
    """Standard output as a screen. `draws`: people look at it, so that tables are fitted to its width."""

    draws: bool
    colours: bool
    pages: bool
    columns: int = NO_TERMINAL[0]
    lines: int = NO_TERMINAL[1]

    def colour_labels(self, text: str) -> str:
        """Return a report with its labels such as `[blocker]` in colour, where the screen has colours."""
        return (
            _LABEL.sub(lambda label: f"{_COLOURS[label[1]]}{label[0]}\x1b[0m", text) if self.colours else text
        )

    def page(self, text: str, environment: Mapping[str, str]) -> bool:
        """Show a text in the pager where it needs one; return whether it was shown."""
        is_too_long = text.count("\n") + 1 >= self.lines
        return self.pages and is_too_long and _run_pager(text, environment)


PAGER = "less -R"

LESS = "FRX"
"""Options of less where LESS is not set: end at once if all fits, keep colours, leave the text there."""


def _run_pager(text: str, environment: Mapping[str, str]) -> bool:
    """Show a text in PAGER, else in less, and return whether that could be started.

    It has the terminal until its reader leaves it.
    """
    import subprocess  # noqa: PLC0415 - most output needs no pager

    try:
        words = shlex.split(environment.get("PAGER", PAGER))
    except ValueError:
        return False
    if not words:
        return False
    try:
        pager = subprocess.Popen(  # noqa: S603 - the reader's own choice, no shell
            words, stdin=subprocess.PIPE, env={"LESS": LESS, **environment}
        )
    except OSError:
        return False
    content: bytes | None = f"{text.rstrip()}\n".encode(errors="replace")
    while True:
        try:
            pager.communicate(content)
        except KeyboardInterrupt:
            content = None  # what was begun goes on; Ctrl-C is the pager's own: it ends a search there
        else:
            return True


PLAIN = TerminalScreen(draws=False, colours=False, pages=False)


def declare_screen(parser: argparse.ArgumentParser) -> None:
    """Declare the options for the screen; a program's own parser leaves those of `pgbot` as they are."""
    parser.add_argument("--no-color", action="store_true", default=argparse.SUPPRESS, help="without colours")
    parser.add_argument("--no-pager", action="store_true", default=argparse.SUPPRESS, help="without a pager")


def find_screen(
    args: argparse.Namespace, environment: Mapping[str, str], stream: TextIO | None = None
) -> TerminalScreen:
    """Return the screen of standard output.

    NO_COLOR (no-color.org) and CLICOLOR=0 switch colours off; FORCE_COLOR and CLICOLOR_FORCE switch them on
    where there is no terminal, such as in a CI's log. A flag counts more than a variable, NO_COLOR more than
    the others. A document of another `--format` than text has no colours.
    """
    stream = stream or sys.stdout
    is_terminal = stream.isatty() and environment.get("TERM") != "dumb"
    refused = getattr(args, "no_color", False) or bool(environment.get("NO_COLOR"))
    forced = any(environment.get(name, "0") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))
    is_document = getattr(args, "format", "text") != "text"
    wanted = forced or (is_terminal and environment.get("CLICOLOR") != "0")
    colours = wanted and not refused and not is_document
    columns, lines = shutil.get_terminal_size(NO_TERMINAL)
    return TerminalScreen(
        draws=is_terminal or colours,
        colours=colours,
        pages=is_terminal and not getattr(args, "no_pager", False),
        columns=columns,
        lines=lines,
    )


class ProgressLine:
    """A line on standard error that tells how long work goes; only a terminal gets it.

    Each message takes the place of the one before, and the next output that of the last.
    """

    def __init__(self) -> None:
        self._is_shown = False

    def show(self, words: str) -> None:
        """Show these words, which must hold no control characters."""
        if not sys.stderr.isatty():
            return
        if os.environ.get("TERM") == "dumb":
            sys.stderr.write(f"{words} …\n")
        else:
            columns = shutil.get_terminal_size().columns
            sys.stderr.write(f"\r\x1b[2K{words[: columns - 3]} …")
            self._is_shown = True
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away, so that output has it."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._is_shown = False


PROGRESS = ProgressLine()
"""The process has one terminal, and so one such line."""


def say(*lines: str, to: TextIO | None = None) -> None:
    """Print lines at once, to standard output unless `to` says otherwise."""
    PROGRESS.clear()
    stream = to or sys.stdout
    stream.write("\n".join(lines).rstrip("\n") + "\n")
    stream.flush()  # a reader that waits for the demo's address may be at the other end of a pipe

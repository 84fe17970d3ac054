"""The pager for output that is longer than the terminal. Loaded only where one is needed."""

import shlex
import subprocess
from collections.abc import Mapping

PAGER = "less -R"

LESS = "FRX"
"""Options of less where LESS is not set: end at once if all fits, keep colours, leave the text there."""


def run_pager(text: str, environment: Mapping[str, str]) -> bool:
    """Show a text in PAGER, else in less, and return whether that could be started.

    It has the terminal until its reader leaves it.
    """
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

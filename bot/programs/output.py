"""The output of a program's report: standard output, or a file that is written whole or not at all."""

import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.domain.errors import ConfigError
from bot.domain.phrases import join_names
from bot.programs.terminal_screen import PLAIN, PROGRESS, TerminalScreen


def deliver_all(texts: Sequence[str], out: Path | None, screen: TerminalScreen = PLAIN) -> None:
    """Write a report, or several files `report-1.sarif`, `report-2.sarif` where one would be too large.

    One without a file is shown in the screen's pager where it is longer than the screen. Raises ConfigError
    as `deliver`, and for several without a name.
    """
    if len(texts) == 1:
        PROGRESS.clear()
        if out is not None:
            deliver(texts[0], out)
        elif not screen.page(shown := screen.colour_labels(texts[0]), os.environ):
            deliver(shown, None)
        return
    if out is None:
        raise ConfigError(
            f"The report is too large for one code scanning file. It needs {len(texts)} files.",
            "Use --out, for example --out report.sarif.",
        )
    paths = [out.with_name(f"{out.stem}-{number}{out.suffix}") for number in range(1, len(texts) + 1)]
    for text, path in zip(texts, paths, strict=True):
        deliver(text, path)
    names = join_names(str(each) for each in paths)
    sys.stderr.write(f"Written to {names}, because one code scanning file is too small. Upload each file.\n")


def deliver(text: str, out: Path | None) -> None:
    """Write the text as UTF-8. Raises ConfigError when it cannot be written; the file stays as it was."""
    if out is None:
        _print(text.encode())
        return
    try:
        _write(out, text.encode())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"Can’t write {out}: {reason}.", "Check --out.") from None


def _print(content: bytes) -> None:
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The reader has seen enough (`| head`). The interpreter must not try to flush again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(out: Path, content: bytes) -> None:
    target = out.resolve()
    if target.exists() and not target.is_file():
        # A folder refuses; a device or pipe takes it as it is and must not be replaced by a file.
        target.write_bytes(content)
        return
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)

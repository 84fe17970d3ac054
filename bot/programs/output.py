"""The output of programs: a report on standard output or in a file, written whole or not at all; and files of
a reply in a folder, never over another file, never outside the folder."""

import os
import secrets
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from bot.domain.errors import ConfigError, InputError
from bot.domain.phrases import join_names
from bot.domain.reply import File
from bot.domain.text_safety import strip_invisible_line
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
        try:
            sys.stdout.buffer.write(text.encode())
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # The reader has seen enough (`| head`). The interpreter must not try to flush again at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    try:
        _write(out, text.encode())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(f"Can’t write {out}: {reason}.", "Check --out.") from None


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


def write_new_file(file: File, folder: Path) -> Path:
    """Write the file, readable by its owner alone, and return its path. Raises InputError.

    The folder is made if there is none. A name that is taken gets a number: `clusters.csv`, `clusters-2.csv`.
    """
    name = Path(strip_invisible_line(file.name).replace("/", "-").lstrip(".") or "file")
    numbered = (f"{name.stem}-{number}{name.suffix}" for number in count(2))
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be made: {error.strerror}.") from None
    try:
        while not _written(path, file.content):
            path = folder / next(numbered)
    except OSError as error:
        raise InputError(
            f"The file {path.name} cannot be written: {error.strerror}.",
            "Run it again in a folder where you may write.",
        ) from None
    return path


def _written(path: Path, content: bytes) -> bool:
    """Return False if the name is taken, even by a dangling link."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
    return True

"""Files of a reply in a folder: never over another file, never outside the folder."""

import os
from itertools import count
from pathlib import Path

from bot.domain.errors import InputError
from bot.domain.reply import File
from bot.domain.text_safety import strip_invisible_line


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

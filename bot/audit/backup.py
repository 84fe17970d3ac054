"""A consistent copy of the database while others write to it, under its name only once it is complete."""

import os
from contextlib import suppress
from pathlib import Path

from bot.audit.offline_file import opened
from bot.domain.errors import StoreError
from bot.runtime.database.sqlite import SqlError, copy_file


def back_up(source: Path, target: Path) -> None:
    """Copy the whole file over `target`. Raises StoreError; `target` is then as it was."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists() and target.samefile(source):
            raise StoreError(f"{target} is the database itself.", "Choose another file.")
        # Created here and not by SQLite, so that others can read it at no time.
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        _copy(source, part)
        settle(part, target)
    except (OSError, SqlError) as error:
        raise StoreError(
            f"{target} could not be written: {error}.", "Check the folder and the disk."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def settle(part: Path, target: Path) -> None:
    """Give a complete file its name; all of it survives a power cut. Raises OSError."""
    for path in (part, part.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    part.replace(target)


def _copy(source: Path, part: Path) -> None:
    with opened(source) as db:
        try:
            copy_file(db, part)
        except SqlError as error:
            raise OSError(str(error)) from error

"""A consistent copy of the database while others write to it, under its name only once it is complete."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from bot.audit.offline_file import opened
from bot.domain.errors import StoreError


def back_up(source: Path, target: Path) -> None:
    """Copy the whole file to `target`, replacing it. Raises StoreError; `target` is then as it was."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists() and target.samefile(source):
            raise StoreError(f"{target} is the database itself.", "Give another file.")
        # Made here and not by SQLite, so that it is never readable for others, not even at first.
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        _copy(source, part)
        settle(part, target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"{target} could not be written: {error}.", "Check the folder and the disk."
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def settle(part: Path, target: Path) -> None:
    """Give a complete file its name, so that it survives a power cut with all it holds. Raises OSError."""
    for path in (part, part.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    part.replace(target)


def _copy(source: Path, part: Path) -> None:
    with opened(source) as connection, closing(sqlite3.connect(part)) as copy:
        try:
            connection.backup(copy)
        except sqlite3.Error as error:
            raise OSError(str(error)) from error
        # One file, with nothing beside it that could be forgotten when it is moved.
        copy.execute("PRAGMA journal_mode=DELETE")

"""Backups: a copy of the log's file, or a folder with both of the bot's files as they belong together."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.audit.lineage_store import ENGINE, DataAnchor, EngineAnchor, read_head
from bot.audit.verify import ChainVerdict, opened, verify
from bot.domain.errors import StoreError
from bot.domain.release import RELEASE
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.sqlite import SqlError, copy_file, find_damage, open_for_reading


def back_up(source: Path, target: Path) -> None:
    """Copy the whole file over `target`. Raises StoreError; `target` is then as it was."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with _named_errors(target):
            if target.exists() and target.samefile(source):
                raise StoreError(f"{target} is the database itself.", "Choose another file.")
            # Created here and not by SQLite, so that others can read it at no time.
            os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
            with opened(source) as db, _named_errors(target):
                copy_file(db, part)
            settle(part, target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def settle(part: Path, target: Path) -> None:
    """Give a complete file its name; all of it survives a power cut. Raises OSError."""
    _sync(part)
    _sync(part.parent)
    part.replace(target)


ROWS = "pgbot.db"
FILES = (ENGINE, ROWS)
"""In the order in which they are copied and put in place: the engine's file is never the newer one."""

NOTE = "backup.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupNote:
    """The note in a backup: when (UTC) and by which release it was made, and each file's SHA-256."""

    at: str
    release: str
    rows: int
    sha256: dict[str, str]


def back_up_data(data: Path, target: Path, at: datetime) -> DataAnchor:
    """Copy both files of a running or stopped bot to a new folder; return the anchor of the copy.

    Raises StoreError; nothing has the name of the folder then.
    """
    if target.exists():
        raise StoreError(f"{target} already exists.", "Choose a folder that does not exist yet.")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with _discarded(part):
        for name in FILES:
            _copy(data / name, part / name)
        with opened(part / ROWS) as db:
            anchor = read_head(db, at)
        if anchor is None:
            raise StoreError("The database is empty.", "There is nothing to back up.")
        EngineAnchor(part / ENGINE).put_now(anchor)
        _write_note(part, anchor)
        part.replace(target)
        _sync(target.parent)
    return anchor


def check_backup(folder: Path, key: bytes | None) -> tuple[BackupNote, ChainVerdict]:
    """Compare a backup with its note, and check both files. Raises StoreError with the reason."""
    try:
        note = BackupNote(**json.loads((folder / NOTE).read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it has another form"
        raise StoreError(
            f"{folder} is not a backup: {NOTE} can't be read ({why}).",
            "Give a folder that “pgbot data backup” made.",
        ) from None
    for name in FILES:
        path = folder / name
        if not path.is_file() or _digest(path) != note.sha256.get(name):
            raise StoreError(f"{path} is missing or is not as it was backed up.", "Take another backup.")
        _require_sound(path)
    return note, verify([folder / ROWS], key)


def prepare_restore(folder: Path, staging: Path) -> None:
    """Copy the files of a backup to a new folder. Raises StoreError."""
    with _named_errors(staging):
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        for name in FILES:
            shutil.copyfile(folder / name, staging / name)
            (staging / name).chmod(0o600)


def put_in_place(staging: Path, data: Path, aside: Path) -> None:
    """Keep what is in the data folder `aside`, and put the prepared files in its place.

    After an interruption the anchor in the engine's file contradicts the rows, so that nothing is sent.
    Raises StoreError.
    """
    with _named_errors(data):
        aside.mkdir(mode=0o700)
        for path in _files_of(data):
            shutil.copy2(path, aside / path.name)
        for name in FILES:
            for beside in data.glob(f"{name}-*"):
                beside.unlink()
            settle(staging / name, data / name)
        _sync(data)
        shutil.rmtree(staging, ignore_errors=True)


def _files_of(data: Path) -> list[Path]:
    return [path for name in FILES for path in sorted(data.glob(f"{name}*")) if path.is_file()]


@contextmanager
def _named_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, SqlError) as error:
        raise StoreError(
            f"{path} could not be written: {error}.", "Check the folder and the disk."
        ) from error


@contextmanager
def _discarded(part: Path) -> Iterator[None]:
    """Make a folder that is gone at the end unless it was renamed. Raises StoreError for errors of files."""
    try:
        with _named_errors(part):
            part.mkdir(mode=0o700)
            yield
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise StoreError(f"There is no {source.name} in {source.parent}.", "Set PGBOT_DATA.")
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    with closing(open_for_reading(source)) as db:
        copy_file(db, target)
    _require_sound(target)


def _require_sound(path: Path) -> None:
    with closing(open_for_reading(path, is_immutable=True)) as db:
        if damage := find_damage(db):
            raise StoreError(f"{path} is damaged ({damage}).", "Take another backup.")


def _write_note(part: Path, anchor: DataAnchor) -> None:
    note = BackupNote(
        at=time_to_text(anchor.at.astimezone(UTC)),
        release=RELEASE,
        rows=anchor.seq,
        sha256={name: _digest(part / name) for name in FILES},
    )
    (part / NOTE).write_text(json.dumps(asdict(note), indent=2) + "\n", encoding="utf-8")
    for name in (*FILES, NOTE):
        _sync(part / name)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

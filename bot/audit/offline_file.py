"""An audit log's file read from outside the bot: a running one, or a copy on a read-only disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.domain.errors import StoreError
from bot.runtime.database.database import require_wal
from bot.runtime.database.sqlite import SqlError, Transaction, open_for_reading
from bot.runtime.database.upgrade import require_known_format


@contextmanager
def opened(path: Path) -> Iterator[Transaction]:
    """Open a file read-only. Raises StoreError when it is missing or incomplete, is of a newer release, or
    holds no audit log."""
    db: Transaction | None = None
    try:
        db = _connect(path)
        require_wal(db, path)
        require_known_format(db)
        yield db
    except SqlError as error:
        raise unreadable(path, error) from error
    finally:
        if db is not None:
            db.close()


def find_unusable(path: Path) -> StoreError | None:
    """Return the error with which `opened` refuses a file, None for a file that it opens."""
    try:
        with opened(path):
            return None
    except StoreError as error:
        return error


def unreadable(path: Path, why: object) -> StoreError:
    """Return the error for a file that cannot be read as an audit log."""
    return StoreError(f"{path} could not be read as an audit log: {why}.", "Give the file with --db FILE.")


def rows(db: Transaction, after: int = -(2**62)) -> Iterator[dict[str, Any]]:
    """Yield the rows behind number `after` in order, one at a time. Raises SqlError."""
    # The default is below any number, also those that only a forger gives: zero and less.
    cursor = db.execute("SELECT * FROM audit WHERE seq > ? ORDER BY seq", [after])
    columns = [each[0] for each in cursor.description]
    for row in cursor:
        yield dict(zip(columns, row, strict=True))


def first_number(db: Transaction) -> int:
    """Return the number of the first row; 0 for an empty log."""
    return int(db.execute("SELECT coalesce(min(seq), 0) FROM audit").fetchone()[0])


def _connect(path: Path) -> Transaction:
    if not path.is_file():
        raise unreadable(path, "there is no such file")
    try:
        return _probed(open_for_reading(path))
    except SqlError:
        # A log in WAL mode on a read-only disk: without a -wal file beside it nobody has it open, and
        # SQLite may be told so.
        if path.with_name(f"{path.name}-wal").exists():
            raise
        return _probed(open_for_reading(path, is_immutable=True))


def _probed(db: Transaction) -> Transaction:
    try:
        db.execute("SELECT 1 FROM audit LIMIT 1").fetchone()
    except SqlError:
        db.close()
        raise
    return db

"""An audit log's file, opened to be read and nothing else: a running one, or a copy on a read-only disk."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.domain.errors import StoreError

BUSY_SECONDS = 5

TRIGGERS = frozenset({"audit_never_updated", "audit_never_deleted"})
"""What refuses every change of a row; a file without them has been opened up."""


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection. Raises StoreError when the file is not there or holds no audit log."""
    connection: sqlite3.Connection | None = None
    try:
        connection = _connect(path)
        yield connection
    except sqlite3.Error as error:
        raise unreadable(path, error) from error
    finally:
        if connection is not None:
            connection.close()


def unreadable(path: Path, why: object) -> StoreError:
    """The error for a file that cannot be read as an audit log."""
    return StoreError(f"{path} could not be read as an audit log: {why}.", "Give the file with --db FILE.")


def missing_triggers(connection: sqlite3.Connection) -> frozenset[str]:
    """The append-only triggers that the file lacks."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
    return TRIGGERS - {name for (name,) in rows}


def rows(connection: sqlite3.Connection, after: int = -(2**62)) -> Iterator[dict[str, Any]]:
    """The rows behind number `after`, in order, one at a time. Raises sqlite3.Error."""
    # The default is below any number, also those that nobody but a forger gives: zero and less.
    cursor = connection.execute("SELECT * FROM audit WHERE seq > ? ORDER BY seq", [after])
    columns = [each[0] for each in cursor.description]
    for row in cursor:
        yield dict(zip(columns, row, strict=True))


def _connect(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise unreadable(path, "there is no such file")
    try:
        return _tried(path, "mode=ro")
    except sqlite3.OperationalError:
        # A log in WAL mode on a read-only disk: without a -wal file beside it nobody has it open, and
        # SQLite may be told so.
        if path.with_name(f"{path.name}-wal").exists():
            raise
        return _tried(path, "mode=ro&immutable=1")


def _tried(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None, timeout=BUSY_SECONDS
    )
    try:
        connection.execute("SELECT 1 FROM audit LIMIT 1").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection

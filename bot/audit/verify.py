"""The files of an audit log, read and verified from outside the bot: of a running one, or copies."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.audit.hash_chain import Anchor, BrokenRow, ChainWalk
from bot.domain.errors import StoreError
from bot.runtime.database.database import require_wal
from bot.runtime.database.sqlite import (
    SqlError,
    Transaction,
    is_append_only,
    is_undecodable,
    open_for_reading,
)
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


class ChainVerdict(ChainWalk):
    """A walk over files at its end. `bad` is None when the log is whole, as far as `anchors` reach;
    `opened_up` names files without their append-only triggers."""

    opened_up: tuple[Path, ...] = ()


def verify(paths: Sequence[Path], key: bytes | None = None, anchors: Sequence[Anchor] = ()) -> ChainVerdict:
    """Walk the files in the order of their rows. Raises StoreError when one cannot be read."""
    verdict = ChainVerdict(key, anchors)
    for path in _in_order(paths):
        with opened(path) as db:
            if not is_append_only(db, "audit"):
                verdict.opened_up += (path,)
            _take_all(verdict, db, path)
    verdict.end()
    return verdict


def _take_all(walk: ChainWalk, db: Transaction, path: Path) -> None:
    try:
        # One transaction, so that a log that is being written is read as it is at one moment.
        db.execute("BEGIN")
        for row in rows(db):
            walk.take(row)
    except KeyError as error:
        raise unreadable(path, f"its audit table has no column {error}") from None
    except SqlError as error:
        if not is_undecodable(error):
            raise
        # Bytes that are not text: the bot never writes them, so the row after the last good one is bad.
        walk.bad = BrokenRow(walk.last + 1, "holds what no row can hold")


def _in_order(paths: Sequence[Path]) -> list[Path]:
    if len(paths) == 1:
        return list(paths)

    def first(path: Path) -> int:
        with opened(path) as db:
            return first_number(db)

    return sorted(paths, key=first)


def facts(verdict: ChainVerdict) -> dict[str, Any]:
    """Return the verdict for machines, as JSON values."""
    return {
        "whole": verdict.bad is None,
        "first_bad_row": verdict.bad.seq if verdict.bad else None,
        "why": verdict.bad.why if verdict.bad else None,
        "rows": verdict.rows,
        "first": verdict.first or 0,
        "last": verdict.last,
        "head": verdict.head,
        "keyed_from": verdict.keyed_from,
        "accepted_in": verdict.accepted or None,
        "overlooked_row": verdict.overlooked.seq if verdict.overlooked else None,
        "anchors_that_fit": verdict.anchored,
        "anchors_of_other_files": verdict.unchecked,
        "without_triggers": [str(path) for path in verdict.opened_up],
    }


def words(verdict: ChainVerdict) -> str:
    """Return the verdict for people, with everything that was not proved."""
    if verdict.bad is not None:
        lines = [f"BROKEN: {verdict.bad}.", f"The {verdict.rows:,} rows before it follow from each other."]
    elif not verdict.rows:
        lines = ["Whole: the log is empty."]
    else:
        lines = [
            f"Whole: {verdict.rows:,} rows, from {verdict.first} to {verdict.last}.",
            f"Last hash: {verdict.head}",
        ]
    return "\n".join([*lines, *_remarks(verdict)])


def _remarks(verdict: ChainVerdict) -> list[str]:
    remarks = {
        f"Matching anchors: {verdict.anchored:,}.": verdict.anchored,
        "No anchor was checked, so rows that are missing at the end would not be noticed.": (
            not verdict.anchored and verdict.bad is None
        ),
        f"Somebody went on with the log as it was, in row {verdict.accepted}.": verdict.accepted,
        f"Before that row, {verdict.overlooked}: only what follows it is proven.": verdict.overlooked,
        f"Anchors of rows in other files, not checked: {verdict.unchecked:,}.": verdict.unchecked,
        f"Rows before {verdict.first} are in an older file, which the first row's hash names.": (
            (verdict.first or 0) > 1 and not verdict.overlooked
        ),
        "No key is used: anybody who can write the file could have rewritten all of it.": (
            verdict.bad is None and verdict.rows and verdict.keyed_from is None
        ),
        f"Keyed from row {verdict.keyed_from} on.": verdict.keyed_from is not None,
    }
    opened_up = [
        f"{path} has lost its append-only triggers: somebody opened it up." for path in verdict.opened_up
    ]
    return [*(words for words, is_so in remarks.items() if is_so), *opened_up]

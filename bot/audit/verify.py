"""Whether an audit log is as it was written: one pass over its files, in constant memory."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.audit.anchor import Anchor
from bot.audit.hash_chain import BrokenRow, ChainWalk
from bot.audit.offline_file import missing_triggers, opened, rows, unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainVerdict:
    """What one pass found. `bad` is None when the log is whole, as far as `anchors` reach.

    `first` and `last` are row numbers, 0 in an empty log; `anchored` counts the anchors that fit,
    `unchecked` those of rows in other files; `opened_up` names files without their append-only triggers.
    """

    bad: BrokenRow | None
    rows: int
    first: int
    last: int
    head: str
    keyed_from: int | None
    anchored: int
    unchecked: int
    opened_up: tuple[Path, ...]


def verify(paths: Sequence[Path], key: bytes | None = None, anchors: Sequence[Anchor] = ()) -> ChainVerdict:
    """Walk the files in the order of their rows. Raises StoreError when one cannot be read."""
    walk = ChainWalk(key, anchors)
    opened_up = []
    for path in _in_order(paths):
        with opened(path) as connection:
            if missing_triggers(connection):
                opened_up.append(path)
            _take_all(walk, connection, path)
        if walk.bad is not None:
            break
    return ChainVerdict(
        bad=walk.end(),
        rows=walk.rows,
        first=walk.first or 0,
        last=walk.last,
        head=walk.head,
        keyed_from=walk.keyed_from,
        anchored=walk.anchors_met,
        unchecked=walk.anchors_elsewhere,
        opened_up=tuple(opened_up),
    )


def _take_all(walk: ChainWalk, connection: sqlite3.Connection, path: Path) -> None:
    try:
        # One transaction, so that a log that is being written is seen as it is at one moment.
        connection.execute("BEGIN")
        for row in rows(connection):
            if not walk.take(row):
                return
    except KeyError as error:
        raise unreadable(path, f"its audit table has no column {error}") from None
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
        # Bytes that are no text: nothing that the bot writes, so the row after the last good one is bad.
        walk.bad = BrokenRow(walk.last + 1, "holds what no row can hold")


def _in_order(paths: Sequence[Path]) -> list[Path]:
    if len(paths) == 1:
        return list(paths)

    def first(path: Path) -> int:
        with opened(path) as connection:
            return int(connection.execute("SELECT coalesce(min(seq), 0) FROM audit").fetchone()[0])

    return sorted(paths, key=first)

"""Verification of an audit log: one pass over its files in constant memory, and its result in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.audit.anchor import Anchor
from bot.audit.hash_chain import BrokenRow, ChainWalk
from bot.audit.offline_file import first_number, opened, rows, unreadable
from bot.runtime.database.sqlite import SqlError, Transaction, is_append_only, is_undecodable


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainVerdict:
    """Result of one pass. `bad` is None when the log is whole, as far as `anchors` reach.

    `accepted` is the row with which a person went on with the log as it was, 0 for none, and `overlooked`
    what was bad before it. `first` and `last` are row numbers, 0 in an empty log; `anchored` counts the
    anchors that match, `unchecked` those of rows in other files; `opened_up` names files without their
    append-only triggers.
    """

    bad: BrokenRow | None
    accepted: int
    overlooked: BrokenRow | None
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
        with opened(path) as db:
            if not is_append_only(db, "audit"):
                opened_up.append(path)
            _take_all(walk, db, path)
    return ChainVerdict(
        bad=walk.end(),
        accepted=walk.accepted,
        overlooked=walk.overlooked,
        rows=walk.rows,
        first=walk.first or 0,
        last=walk.last,
        head=walk.head,
        keyed_from=walk.keyed_from,
        anchored=walk.anchors_met,
        unchecked=walk.anchors_elsewhere,
        opened_up=tuple(opened_up),
    )


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
        "first": verdict.first,
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
            verdict.first > 1 and not verdict.overlooked
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

"""The hash chain of audit rows: the hash of one, anchors of the last, and a walk to the first bad one."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.errors import StoreError

MARK = "pgbot-audit"
"""Beginning of the line, by which it is found in a channel or a file with other text."""

_LINE = re.compile(
    rf"{MARK}\s+seq=(?P<seq>[0-9]+)\s+hash=(?P<hash>(?:hmac:)?(?:v2:)?[0-9a-f]{{64}})\s+at=(?P<at>[0-9T:.+Z-]+)"
    r"(?P<accepted>\s+accepted\b)?"
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The log at one time: it had `seq` rows, and the last had this hash.

    `is_accepted`: a person went on from there with a log that the anchors before it contradict.
    """

    seq: int
    hash: str
    at: datetime
    is_accepted: bool = False

    def __str__(self) -> str:
        line = f"{MARK} seq={self.seq} hash={self.hash} at={self.at.isoformat(timespec='seconds')}"
        return f"{line} accepted" if self.is_accepted else line


def anchors_in(text: str) -> tuple[Anchor, ...]:
    """Return every anchor in a text: an anchors file, or messages copied from Slack with other text.

    Raises StoreError for a damaged anchor, and for a text without any.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        matches = list(_LINE.finditer(line))
        if MARK in line and not matches:
            raise StoreError(
                f"Line {number} of the anchors is damaged.", "Copy it again from where it was posted."
            )
        found += [_anchor(match, number) for match in matches]
    if not found:
        raise StoreError("There is no anchor in it.", f"An anchor is a line that begins with {MARK}.")
    return tuple(found)


def anchors_in_force(anchors: Sequence[Anchor]) -> tuple[Anchor, ...]:
    """Return the anchors of one place, oldest first, without those before the last that a person accepted."""
    accepted = [number for number, each in enumerate(anchors) if each.is_accepted]
    return tuple(anchors[accepted[-1] :] if accepted else anchors)


def _anchor(match: re.Match[str], number: int) -> Anchor:
    try:
        at = datetime.fromisoformat(match["at"])
        return Anchor(int(match["seq"]), match["hash"], at, bool(match["accepted"]))
    except ValueError:
        raise StoreError(f"The time in line {number} of the anchors is none.") from None


GENESIS = "0" * 64
"""The first row's `prev`."""

KEYED = "hmac:"
"""Beginning of a hash that was made with a key."""

LINKED = "v2:"
"""Beginning of a hash, behind KEYED, that is over the digest of the row's content and not over all of it."""

CHECKPOINT = "checkpoint"
"""Kind of the row that begins a file after the first; its `prev` is the last hash of the file before."""

SEALED = "sealed"
"""Kind of the row that ends a file which continues in another; a trigger refuses any row after it."""

ACCEPTED = "accepted"
"""Kind of the row with which a person accepts a log that is not as it was written or anchored; what it
has `kept` pins the rows before it as they are."""

LATER = frozenset({"cluster", "change", "roles", "rule", "policy", "digest", "kept", "code"})
"""Columns that the first release did not have: an empty one is not part of a row's hash."""

_canonical = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode
_quoted = json.encoder.encode_basestring


def row_digest(row: Mapping[str, Any], key: bytes | None = None, *, is_linked: bool = True) -> str:
    """Return the hash of a row, made with `key` where there is one.

    It is over the row's number, the hash before and the digest of its other columns, so that a row can be
    shown to be in the chain without its content. Rows of earlier releases, not `is_linked`, have one over
    all columns.
    """
    if is_linked:
        # Canonical JSON, put together here: an encoder's call for each row is a quarter of a verification.
        prev, content = _quoted(row["prev"]), content_digest(row)
        return _hash(f'{{"content":"{content}","prev":{prev},"seq":{row["seq"]:d}}}', key, LINKED)
    return _hash(_canonical({**_stated(row), "prev": row["prev"], "seq": row["seq"]}), key, "")


def content_digest(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 over the canonical JSON of every column but number, hash and hash before."""
    return hashlib.sha256(_canonical(_stated(row)).encode()).hexdigest()


def is_linked(row: Mapping[str, Any]) -> bool:
    """Return whether the row's hash is over the digest of its content."""
    return str(row["hash"]).removeprefix(KEYED).startswith(LINKED)


def is_keyed(row: Mapping[str, Any]) -> bool:
    """Return whether the row's hash was made with a key."""
    return isinstance(row["hash"], str) and row["hash"].startswith(KEYED)


def _stated(row: Mapping[str, Any]) -> dict[str, Any]:
    stated = dict(row)
    for name in ("seq", "prev", "hash"):
        stated.pop(name, None)
    for name in LATER:
        if stated.get(name) is None:
            stated.pop(name, None)
    return stated


def _hash(text: str, key: bytes | None, form: str) -> str:
    if key is None:
        return form + hashlib.sha256(text.encode()).hexdigest()
    return KEYED + form + hmac.digest(key, text.encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """The first row that differs from what was written, and the reason."""

    seq: int
    why: str

    def __str__(self) -> str:
        return f"row {self.seq} {self.why}"


class ChainWalk:
    """A check of rows in the order of their numbers, of one file or of several that follow each other.

    It keeps only the last row's hash, so memory does not grow with the log. `first` and `last` are the
    numbers of good rows, and `anchored` counts the anchors that match. Behind a bad row it goes on only from
    a row with which a person has accepted exactly the rows before: `accepted` is then the last such row's
    number, and `overlooked` what was bad. What contradicts an anchor no row of the file can accept.
    """

    def __init__(self, key: bytes | None = None, anchors: Sequence[Anchor] = ()) -> None:
        self.rows = 0
        self.first: int | None = None
        self.last = 0
        self.head = GENESIS
        self.keyed_from: int | None = None
        self.anchored = 0
        self.bad: BrokenRow | None = None
        self.seen: int | None = None
        self.accepted = 0
        self.overlooked: BrokenRow | None = None
        self._content = hashlib.sha256()
        self._key = key
        self._anchors: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.seq, []).append(anchor)
        self._vouched = 0
        self._is_anchored_otherwise = False
        self._is_sealed = False

    def take(self, row: Mapping[str, Any]) -> bool:
        """Check the next row; return False when it or one before is bad. Raises StoreError when a key is
        missing."""
        digest = self._digest(row)
        if row["kind"] == ACCEPTED and digest == row["hash"] and self._pins_what_was_seen(row):
            self._accept(row)
        if self.bad is None:
            self.bad = self._out_of_place(row) or self._altered(row, digest)
        self._remember(row, digest)
        if self.bad is None:
            self.bad = self._not_as_anchored(row)
        if self.bad is not None:
            return False
        if self.first is None:
            self.first = row["seq"]
        self.rows += 1
        self.last, self.head = row["seq"], row["hash"]
        # Anybody could put a seal without a key where the end was cut off.
        self._is_sealed = row["kind"] == SEALED and is_keyed(row)
        return True

    def end(self) -> BrokenRow | None:
        """Return the bad or missing row once the last row was taken; None for a whole log."""
        if self.bad is None:
            self.bad = self._cut_short() or self._never_keyed()
        return self.bad

    @property
    def content(self) -> str:
        """SHA-256 over all rows that were taken, good and bad, since the last checkpoint; to be pinned."""
        return self._content.hexdigest()

    def _digest(self, row: Mapping[str, Any]) -> str:
        """Return the digest that the row's content has; empty for content that no row can hold."""
        keyed = is_keyed(row)
        if keyed and self._key is None:
            raise StoreError(
                f"Row {row['seq']} was written with a key, and none was given.",
                "Give it: audit.key in app.yaml, or --key env:NAME.",
            )
        try:
            return row_digest(row, self._key if keyed else None, is_linked=is_linked(row))
        except (TypeError, ValueError):
            return ""

    def _remember(self, row: Mapping[str, Any], digest: str) -> None:
        self.seen = row["seq"]
        if row["kind"] == CHECKPOINT:
            self._content = hashlib.sha256()
        is_good = digest and digest == row["hash"]
        self._content.update(f"{digest if is_good else repr(sorted(row.items()))}\n".encode())

    def _pins_what_was_seen(self, row: Mapping[str, Any]) -> bool:
        """Return whether a row accepts exactly the rows that were taken so far."""
        if is_keyed(row) != (self._key is not None):
            return False
        try:
            return bool(json.loads(row["kept"] or "{}")["rows"] == self.content)
        except (TypeError, ValueError, KeyError):
            return False

    def _accept(self, row: Mapping[str, Any]) -> None:
        self.accepted = row["seq"]
        if self.bad is None or self._is_anchored_otherwise:
            return
        self.overlooked, self.bad = self.bad, None
        self.first = self.first or row["seq"]
        self.last, self.head = row["seq"] - 1, row["prev"]
        self._anchors = {seq: each for seq, each in self._anchors.items() if seq >= row["seq"]}

    @property
    def unchecked(self) -> int:
        """Number of anchors of rows in other files: before the first row here, or behind a seal."""
        first, last = self.first or 0, self.last if self._is_sealed else max(self._anchors, default=0)
        return sum(len(each) for seq, each in self._anchors.items() if not first <= seq <= last)

    def _out_of_place(self, row: Mapping[str, Any]) -> BrokenRow | None:
        seq = row["seq"]
        if self.first is None and seq > 1 and row["kind"] == CHECKPOINT:
            # The rows before are in another file; only a key proves that this row is genuine.
            return None if is_keyed(row) else BrokenRow(seq, "is a checkpoint without a signature")
        if seq <= self.last:
            return BrokenRow(seq, "is a number that no row has")
        if seq != self.last + 1:
            return BrokenRow(self.last + 1, f"is missing: row {self.last} is followed by row {seq}")
        if row["prev"] != self.head:
            return BrokenRow(seq, f"does not follow from row {self.last}")
        return None

    def _altered(self, row: Mapping[str, Any], digest: str) -> BrokenRow | None:
        seq, keyed = row["seq"], is_keyed(row)
        if not keyed and self.keyed_from is not None:
            return BrokenRow(seq, f"has no keyed hash, though rows from {self.keyed_from} on have one")
        if not digest:
            return BrokenRow(seq, "holds what no row can hold")
        if digest != row["hash"]:
            wrong_key = ", or was written with another key" if keyed and self.keyed_from is None else ""
            return BrokenRow(seq, f"was changed: its content does not match its hash{wrong_key}")
        if keyed and self.keyed_from is None:
            self.keyed_from = seq
        return None

    def _not_as_anchored(self, row: Mapping[str, Any]) -> BrokenRow | None:
        for anchor in self._anchors.get(row["seq"], ()):
            if anchor.hash != row["hash"]:
                self._is_anchored_otherwise = True
                since = f"rows after {self._vouched} up to here" if self._vouched else "rows up to here"
                return BrokenRow(
                    anchor.seq, f"is not the one that was anchored at {anchor.at}: {since} are in doubt"
                )
            self._vouched = anchor.seq
            self.anchored += 1
        return None

    def _cut_short(self) -> BrokenRow | None:
        furthest = max(self._anchors, default=0)
        if furthest <= self.last or self._is_sealed:
            return None
        return BrokenRow(self.last + 1, f"is missing: an anchor says that the log reached row {furthest}")

    def _never_keyed(self) -> BrokenRow | None:
        if self._key is None or self.keyed_from is not None or self.first is None:
            return None
        why = "and every row after it has no keyed hash, though a key was given"
        return BrokenRow(self.first, f"{why}. If the key is new: run any command with it, then verify again")

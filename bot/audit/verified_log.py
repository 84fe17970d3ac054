"""The audit log as this process has verified it, and kept in memory beside what it wrote itself.

A file proves nothing about rows that are missing from it, and an unkeyed chain can be computed again. What
this process has read and checked once, and what it has committed since, it therefore remembers: the number
and hash of the last row, and one digest over the rows of each change.
"""

import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any

from bot.audit.evidence.course import OVER, REOPENED
from bot.audit.hash_chain import ACCEPTED, GENESIS, ChainWalk, is_keyed, is_linked, row_digest
from bot.domain.errors import LogInDoubt, StoreError
from bot.domain.phrases import join_names
from bot.runtime.database.sqlite import SqlError, Transaction, is_undecodable
from bot.runtime.health_page import Health

Head = tuple[int, str]
"""Number and hash of a row; (0, GENESIS) in an empty log."""

CHUNK = 500
"""Rows verified in one go: some ten milliseconds, for which a write waits at most."""

ALARM = "alarm"
"""Kind of a row about something that the log disproves."""

_NO_LIMIT = 2**62

_BEFORE_ALL = -_NO_LIMIT
"""Below any number, also those that only a forger gives: zero and less."""

_CHANGE = "c-"
"""Beginning of a change's id, by which the trace of a request names its change."""


class UnprovenRows(Exception):
    """The file's rows of a change are not those that were verified or written. `why` says so in words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """A change that the log disproves and that nobody has settled. Nothing else runs under its `turns`."""

    change: str
    seq: int
    why: str
    turns: tuple[str, ...]


class VerifiedLog:
    """The verified part of the log. Safe to use from the writer thread and from readers at once."""

    def __init__(self, key: bytes | None) -> None:
        self._key = key
        self._lock = RLock()
        self._walk = ChainWalk(key)
        self._head: Head | None = None
        self._digests: dict[str, bytes] = {}
        self._foreign: list[tuple[int, int]] = []
        self._foreign_rows: dict[str, int] = {}
        self._alarms: dict[str, OpenAlarm] = {}
        self._open: set[str] = set()
        self._doubt = ""
        self._is_older = False
        self._is_without_key = False

    @property
    def doubt(self) -> str:
        """Return why the log cannot be relied on; empty while nothing speaks against it."""
        return self._doubt

    async def check(self) -> Health:
        """Return what speaks against the log, for `/readyz`: a warning, as people need the bot's answers to
        find out what is wrong."""
        stopped = join_names(each.change for each in self.alarms)
        why = self._doubt or (f"The log does not prove {stopped}." if stopped else "")
        return Health(why, is_warning=True)

    @property
    def alarms(self) -> tuple[OpenAlarm, ...]:
        """Return the alarms that nobody has settled, the oldest first."""
        with self._lock:
            return tuple(sorted(self._alarms.values(), key=lambda each: each.seq))

    @property
    def open_changes(self) -> frozenset[str]:
        """Return the ids of the changes that are not over, as far as the verified rows say."""
        with self._lock:
            return frozenset(self._open)

    @property
    def is_caught_up(self) -> bool:
        """Return whether every row that this process knows of is verified, or one of them found bad."""
        with self._lock:
            return bool(self._doubt) or (self._head is not None and (self._walk.seen or 0) >= self._head[0])

    @property
    def accepted(self) -> int:
        """Return the number of the last row in which a person accepted the log as it was; 0 for none."""
        return self._walk.accepted

    @property
    def is_without_key(self) -> bool:
        """Return whether rows were written with a key, and this process has none."""
        return self._is_without_key

    @property
    def content(self) -> str:
        """Return the SHA-256 over all verified rows, by which such a row pins them."""
        return self._walk.content

    def alarm_about(self, change: str) -> str:
        """Return why this change was stopped, as long as nobody has settled it; else empty."""
        with self._lock:
            return self._alarms[change].why if change in self._alarms else ""

    def require_trusted(self) -> None:
        """Raise LogInDoubt when the log cannot be relied on."""
        if self._doubt:
            raise self.doubt_error()

    def put_in_doubt(self, why: str, *, is_older: bool = False) -> None:
        """Rely on the log no longer, until the process ends; the first reason is kept. `is_older`: it is an
        older copy of itself, which its rows cannot show."""
        with self._lock:
            if not self._doubt:
                self._doubt, self._is_older = why, is_older

    def doubt_error(self) -> LogInDoubt:
        """Return the error for everything that is refused while the log is in doubt."""
        if self._is_older:
            return LogInDoubt(
                f"The bot's data is older than it was ({self._doubt}), so nothing is changed until someone "
                "has checked: approved changes may have run already.",
                "Reading works. “pgbot recover --dry-run” shows what is lost. “pgbot recover” continues with "
                "this data, and everything that was not sent has to be requested again.",
            )
        return LogInDoubt(
            f"The audit log is not as it was written ({self._doubt}), so nothing is changed until someone "
            "has checked.",
            "Reading works. “pgbot audit verify” shows more. “pgbot audit accept” accepts the log as it is.",
        )

    # Told by the database about every transaction of this process

    def begins(self, db: Transaction) -> None:
        """Compare the last row with the one that this process committed last."""
        head = _head(db)
        with self._lock:
            if self._head is not None and head != self._head:
                self._judge_foreign(db, self._head, head)
            self._head = head

    def ends(self, db: Transaction) -> Callable[[], None]:
        """Return what to do once the transaction is on disk: remember its rows."""
        head = _head(db)
        with self._lock:
            known = self._head or (0, GENESIS)
            fresh = list(_rows(db, known[0], head[0])) if (self._walk.seen or 0) == known[0] else []

        def remember() -> None:
            with self._lock:
                self._head = head
                for row in fresh:
                    self._take(row)

        return remember

    def _judge_foreign(self, db: Transaction, known: Head, head: Head) -> None:
        """Judge rows that another process wrote although this one holds the file: those that this one wrote
        must still be below them. With a key, only who has it can have written them; without one, they prove
        nothing about a change."""
        if head[0] <= known[0] or (known[0] and _hash_at(db, known[0]) != known[1]):
            self.put_in_doubt(f"its last rows are not those that this process wrote: row {known[0]} is gone")
        elif self._key is None:
            self._foreign.append((known[0], head[0]))

    # Verifying

    def catch_up(self, db: Transaction, most: int = _NO_LIMIT) -> bool:
        """Verify up to `most` further rows; return whether none is left. Raises SqlError."""
        with self._lock:
            if self._head is None:
                self._head = _head(db)
            return self.verify(db, self._walk, self._take, most)

    def verify(
        self, db: Transaction, walk: ChainWalk, take: Callable[[Mapping[str, Any]], bool], most: int = CHUNK
    ) -> bool:
        """Have a walk take up to `most` further rows; return whether none is left. Raises SqlError.

        It ends where this process believes the log to end.
        """
        head = self._head or (0, GENESIS)
        after = _BEFORE_ALL if walk.seen is None else walk.seen
        with self._doubting(walk):
            count = sum(take(row) is not None for row in _rows(db, after, head[0], most))
            if count == most:
                return False
            if walk.bad is not None:
                self.put_in_doubt(str(walk.bad))
            elif walk.last != head[0]:
                self.put_in_doubt(f"row {walk.last + 1} is missing")
            elif walk.head != head[1]:
                self.put_in_doubt(f"row {head[0]} is not the one that this process wrote")
        return True

    @contextmanager
    def _doubting(self, walk: ChainWalk) -> Generator[None, None, None]:
        """Put the log in doubt where its rows cannot be read or a key is missing. Raises SqlError."""
        try:
            yield
        except StoreError as error:
            self._is_without_key = True
            self.put_in_doubt(lower_first(error.sentence))
        except SqlError as error:
            if not is_undecodable(error):
                raise
            self.put_in_doubt(f"row {walk.last + 1} holds what no row can hold")

    def _take(self, row: Mapping[str, Any]) -> bool:
        is_good = self._walk.take(row)
        change = change_of(row)
        if change:
            before = self._digests.get(change, b"")
            self._digests[change] = _fold(before, row)
            self._follow(change, row)
        elif row["kind"] == ACCEPTED and self._walk.accepted == row["seq"]:
            self._alarms.clear()
        return is_good

    def _follow(self, change: str, row: Mapping[str, Any]) -> None:
        seq, kind = int(row["seq"]), row["kind"]
        if any(first < seq <= last for first, last in self._foreign):
            self._foreign_rows.setdefault(change, seq)
        if kind == ALARM:
            turns = tuple(json.loads(row["kept"] or "{}").get("turns", ()))
            self._alarms[change] = OpenAlarm(change=change, seq=seq, why=row["detail"], turns=turns)
        elif kind == "decision":
            self._alarms.pop(change, None)
        if kind == "plan" or (kind == "decision" and row["outcome"] == REOPENED):
            self._open.add(change)
        elif kind in ("change", "decision") and row["outcome"] in OVER:
            self._open.discard(change)

    # Proving

    def proven_rows(self, db: Transaction, change: str) -> list[dict[str, Any]]:
        """Return the rows of a change, oldest first, with those that this transaction has added.

        `db` is a transaction of the database that tells this object about its commits. Raises UnprovenRows
        when they are not the rows that were verified or written, LogInDoubt, and SqlError.
        """
        with self._lock:
            if not self.is_caught_up:
                self.catch_up(db)
            self.require_trusted()
            rows, digest = list(_rows_of(db, change)), b""
            for row in rows:
                if not _is_intact(row, self._key):
                    raise UnprovenRows(f"audit row {row['seq']} was changed")
                if row["seq"] <= (self._walk.seen or 0):
                    digest = _fold(digest, row)
            if digest != self._digests.get(change, b""):
                raise UnprovenRows("its audit rows are not those that were written")
            if change in self._foreign_rows:
                raise UnprovenRows(
                    f"audit row {self._foreign_rows[change]} was added by another process while the bot ran"
                )
            return rows

    @staticmethod
    def clusters_of(db: Transaction, change: str) -> frozenset[str]:
        """Return the ids of the clusters that the file's rows of a change name, proven or not."""
        query = "SELECT cluster FROM audit WHERE change = ? AND cluster IS NOT NULL"
        return frozenset(each for (names,) in db.execute(query, [change]) for each in str(names).split())


def lower_first(sentence: str) -> str:
    """Return a sentence as a part of another one."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def change_of(row: Mapping[str, Any]) -> str:
    """Return the id of the change that a row belongs to: that of its column, or of its trace for requests
    and rows of earlier releases. Empty for none."""
    trace = str(row["trace"])
    return str(row["change"] or (trace if trace.startswith(_CHANGE) else ""))


def _fold(before: bytes, row: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(before + str(row["hash"]).encode()).digest()


def _is_intact(row: Mapping[str, Any], key: bytes | None) -> bool:
    """Return whether a row's content is that of its hash; also of the rows from before there was a key, which
    the chain holds."""
    try:
        digest = row_digest(row, key if is_keyed(row) else None, is_linked=is_linked(row))
        return digest == str(row["hash"])
    except (TypeError, ValueError):
        return False


def _head(db: Transaction) -> Head:
    row = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return (int(row[0]), str(row[1])) if row else (0, GENESIS)


def _hash_at(db: Transaction, seq: int) -> str:
    row = db.execute("SELECT hash FROM audit WHERE seq = ?", [seq]).fetchone()
    return str(row[0]) if row else ""


def _rows(db: Transaction, after: int, last: int, most: int = -1) -> Iterator[dict[str, Any]]:
    query = "SELECT * FROM audit WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
    return db.query(query, [after, last, most])


def _rows_of(db: Transaction, change: str) -> Iterator[dict[str, Any]]:
    """Yield every row of a change, as `change_of` says; each part has its index."""
    query = (
        "SELECT * FROM audit WHERE change = :id"
        " UNION ALL SELECT * FROM audit WHERE trace = :id AND change IS NULL ORDER BY seq"
    )
    return db.query(query, {"id": change})

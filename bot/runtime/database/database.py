"""One SQLite file: a single writer thread with group commit, and readers that never wait for it."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlite_utils import Database as Sqlite

from bot.domain.errors import StoreError
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.database.schema import upgrade

T = TypeVar("T")
Work = Callable[[Sqlite], T]

BATCH = 64
"""How many writes share one commit at the most; each is in a savepoint of its own."""

BUSY_SECONDS = 5
"""How long a writer waits for another process's write (`serve` and `run` share the file)."""

POLL_SECONDS = 0.02
"""Between two attempts to switch to WAL, for which SQLite itself does not wait."""


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Work[T]
    done: "Future[T]"


_Outcome = tuple[_Job[Any], Any, BaseException | None]


@dataclass(frozen=True, slots=True)
class LastWrite:
    """How the latest commit went, and when, in UTC. `ok` is whether the file took what it was given."""

    ok: bool
    at: datetime


class SqliteDatabase:
    """Writes are durable (WAL, `synchronous=FULL`) when `write` returns; each is all or nothing.

    sqlite-utils connections are bound to the thread that made them, hence one thread for writing and a
    pool for reading, each reader thread with a read-only connection of its own.
    """

    def __init__(self, path: Path, *, clock: Clock | None = None) -> None:
        self.path = path
        self._clock = clock or SystemClock()
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._is_closing = False
        self._opened_file: tuple[int, int] | None = None
        self._is_lost = False
        self._last_write: LastWrite | None = None
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pgbot-read")
        self._local = threading.local()
        self._open_readers: list[sqlite3.Connection] = []

    @property
    def is_closed(self) -> bool:
        """Whether writes would be refused at once."""
        return self._writer is None or self._is_closing

    @property
    def last_write(self) -> LastWrite | None:
        """How the latest write went; None before the first."""
        return self._last_write

    async def open(self) -> None:
        """Create or upgrade the file. Raises StoreError with the reason when it cannot be used."""
        opened: Future[None] = Future()
        self._writer = threading.Thread(
            target=self._write_loop, args=(opened,), name="pgbot-write", daemon=True
        )
        self._writer.start()
        try:
            # A caller that gives up must not take away what the thread is about to report to.
            await asyncio.shield(asyncio.wrap_future(opened))
        except (sqlite3.Error, OSError) as error:
            self._writer = None
            raise self._unusable(error) from error

    async def close(self) -> None:
        """Finish what is queued, then close every connection. Safe to call twice."""
        self._is_closing = True
        if self._writer is not None:
            self._jobs.put(None)
            await asyncio.to_thread(self._writer.join)
            self._writer = None
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._open_readers:
            connection.close()
        self._open_readers.clear()

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction; on disk when it returns. Raises StoreError: nothing was written."""
        if self.is_closed:
            raise StoreError("The database is closed, so nothing was done.", "Start the bot again.")
        job = _Job(work, Future())
        self._jobs.put(job)
        try:
            # A caller that gives up must not take back a write that may already be on its way to the disk.
            return await asyncio.shield(asyncio.wrap_future(job.done))
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a read-only connection, off the loop. Raises StoreError."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)
        except (sqlite3.Error, RuntimeError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: BaseException) -> StoreError:
        return StoreError(
            f"The bot's database cannot be used ({error}), so nothing was done.",
            f"Check the disk and the rights of {self.path.name} in PGBOT_DATA, then try again.",
        )

    def _read(self, work: Work[T]) -> T:
        reader: Sqlite | None = getattr(self._local, "reader", None)
        if reader is None:
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=BUSY_SECONDS)
            self._open_readers.append(connection)
            reader = self._local.reader = Sqlite(connection, execute_plugins=False)
        return work(reader)

    def _connect(self) -> Sqlite:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection = sqlite3.connect(self.path, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            _switch_to_wal(connection)
            connection.execute("PRAGMA synchronous=FULL")
            db = Sqlite(connection, execute_plugins=False)
            with contextlib.suppress(OSError):
                self.path.chmod(0o600)
            upgrade(db)
            self._opened_file = _identity(self.path)
        except BaseException:
            connection.close()
            raise
        return db

    def _write_loop(self, opened: "Future[None]") -> None:
        try:
            db = self._connect()
        except (sqlite3.Error, OSError) as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        running = True
        while running:
            batch, running = self._next_batch()
            if batch:
                self._commit(db, batch)
        db.conn.close()

    def _next_batch(self) -> tuple[list[_Job[Any]], bool]:
        batch: list[_Job[Any]] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == BATCH or self._jobs.empty():
                return batch, True
            job = self._jobs.get()
        return batch, False

    def _commit(self, db: Sqlite, batch: list[_Job[Any]]) -> None:
        """Run every job in its savepoint, commit once, and only then tell anyone."""
        try:
            self._require_file()
            outcomes = _committed(db, batch)
        except (sqlite3.Error, StoreError) as error:
            outcomes = [(job, None, error) for job in batch]
        ok = not any(_is_trouble(failure) for _, _, failure in outcomes)
        self._last_write = LastWrite(ok, self._clock.now())
        for job, result, failure in outcomes:
            if failure is None:
                job.done.set_result(result)
            else:
                job.done.set_exception(failure)

    def _require_file(self) -> None:
        """Raises StoreError, now and from then on, when the open file is no longer the one in its place.

        SQLite goes on writing into a file that has no name any more, and all of it would be lost.
        """
        self._is_lost = self._is_lost or _identity(self.path) != self._opened_file
        if self._is_lost:
            raise StoreError(
                f"The bot's database {self.path.name} was deleted or replaced while the bot was running, "
                "so nothing was done.",
                "Put the file back in its place in PGBOT_DATA, or restore it, then start the bot again.",
            )


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of the file that has this name now; None when there is none, or it is out of reach."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # Two processes that make the file at once collide here, and SQLite's own waiting does not cover it.
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return


def _committed(db: Sqlite, batch: list[_Job[Any]]) -> list[_Outcome]:
    """What came of each job, all of it on disk. Raises sqlite3.Error: then nothing of it is."""
    try:
        db.conn.execute("BEGIN IMMEDIATE")
        outcomes: list[_Outcome] = [(job, *_attempt(db, job)) for job in batch]
        db.conn.execute("COMMIT")
    except sqlite3.Error:
        with contextlib.suppress(sqlite3.Error):
            db.rollback()
        raise
    return outcomes


def _is_trouble(failure: BaseException | None) -> bool:
    """Whether the file is to blame, and not what one job wanted to write into it."""
    return isinstance(failure, sqlite3.Error | StoreError) and not isinstance(
        failure, sqlite3.IntegrityError | sqlite3.DataError
    )


def _attempt(db: Sqlite, job: _Job[T]) -> tuple[T | None, BaseException | None]:
    try:
        with db.atomic():
            return job.work(db), None
    except Exception as error:
        if not db.conn.in_transaction:
            # The error took the whole transaction with it (a full disk does): nobody's write survived.
            raise sqlite3.OperationalError(str(error)) from error
        return None, error

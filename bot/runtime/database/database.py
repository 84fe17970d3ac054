"""One SQLite file: a single writer thread with group commit, and readers that never wait for it."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

from bot.domain.errors import PgbotError, StoreError
from bot.runtime.database.sqlite import (
    SqlError,
    Transaction,
    expect_wal,
    find_damage,
    is_damage,
    lacks_wal,
    open_for_reading,
    open_for_writing,
    take_in_wal,
    write_transaction,
)
from bot.runtime.instance_lock import (
    FileIdentity,
    WriterLock,
    identify_file,
    lock_database,
    refuse_second_name,
)

T = TypeVar("T")
Work = Callable[[Transaction], T]

BATCH = 64
"""The most writes that share one commit; each is in a savepoint of its own."""


class CommitWatcher(Protocol):
    """Told about every transaction of this process, in the writer thread."""

    def begins(self, db: Transaction) -> None:
        """Look at the file as others may have left it, before anything is written."""
        ...

    def ends(self, db: Transaction) -> Callable[[], None]:
        """Look at what is about to be committed; return what to do once it is on disk."""
        ...


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Work[T]
    done: "Future[T]"


_Outcome = tuple[_Job[Any], Any, BaseException | None]


class SqliteDatabase:
    """The bot's database: a write is on disk when `write` returns, and each is all or nothing.

    SQLite connections are bound to the thread that made them, hence one thread for writing and a pool for
    reading, each reader thread with a read-only connection of its own. Only one process writes at a time:
    from `open` to `close` this one holds the lock of the file. Reading needs no `open`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage = ""
        """The last error by which a page was found damaged; the bot may still be able to read others."""
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._watchers: tuple[CommitWatcher, ...] = ()
        self._writer: threading.Thread | None = None
        self._is_closing = False
        self._accepts_loss = False
        self._opened_file: FileIdentity | None = None
        self._lock: WriterLock | None = None
        self._is_lost = False
        self._is_unlocked = False
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pgbot-read")
        self._local = threading.local()
        self._commits = 0
        self._looks: dict[str, tuple[int, asyncio.Future[Any]]] = {}
        self._open_readers: list[Transaction] = []

    @property
    def is_empty(self) -> bool:
        """True when it certainly has no rows, so that reading them can be left out."""
        return False

    @property
    def is_closed(self) -> bool:
        """True when writes are refused at once."""
        return self._writer is None or self._is_closing

    def watch(self, watcher: CommitWatcher) -> None:
        """Tell `watcher` about every transaction from now on."""
        self._watchers = (*self._watchers, watcher)

    async def open(self, *, accepts_loss: bool = False) -> None:
        """Create or upgrade the file; `accepts_loss`: also one whose WAL is lost.

        Raises ConfigError while another process writes it, and StoreError with the reason when it cannot
        be used.
        """
        self._accepts_loss = accepts_loss
        self._lock = lock_database(self.path)
        try:
            refuse_second_name(self.path)
            await self._start_writing()
        except PgbotError:
            self._release()
            raise

    async def _start_writing(self) -> None:
        opened: Future[None] = Future()
        self._writer = threading.Thread(
            target=self._write_loop, args=(opened,), name="pgbot-write", daemon=True
        )
        self._writer.start()
        try:
            # A caller that gives up must not take away what the thread is about to report to.
            await asyncio.shield(asyncio.wrap_future(opened))
        except (SqlError, OSError, StoreError) as error:
            self._writer = None
            raise error if isinstance(error, StoreError) else self._unusable(error) from error

    async def close(self) -> None:
        """Finish the queued writes, then close every connection. Safe to call twice."""
        self._is_closing = True
        # Before the writer, which leaves one complete file behind: a reader that is still open forbids that.
        await asyncio.to_thread(self._readers.shutdown)
        for connection in self._open_readers:
            connection.close()
        self._open_readers.clear()
        if self._writer is not None:
            self._jobs.put(None)
            await asyncio.to_thread(self._writer.join)
            self._writer = None
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @property
    def home(self) -> str:
        """Return the name of the folder's lock on the running system, while it is held; else ""."""
        return self._lock.home if self._lock else ""

    def tell(self, url: str) -> None:
        """Write the address of the bot's web server into the lock's file, for `bot.programs.health`."""
        if self._lock is not None:
            self._lock.tell(url)

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction that is on disk when this returns.

        Raises StoreError and whatever `work` raises; then nothing was written.
        """
        if self.is_closed:
            raise StoreError("The database is closed, so nothing was done.", "Start the bot again.")
        job = _Job(work, Future())
        self._jobs.put(job)
        written = asyncio.wrap_future(job.done)
        # Of a caller that has given up, nobody asks for the error.
        written.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            # A caller that gives up must not take back a write that may already be on its way to the disk.
            return await asyncio.shield(written)
        except SqlError as error:
            raise self._unusable(error) from error

    async def read(self, work: Work[T]) -> T:
        """Run `work` on a read-only connection, off the loop. Raises StoreError."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)
        except (SqlError, RuntimeError) as error:
            raise self._unusable(error) from error

    async def read_if_changed(self, name: str, work: Work[T]) -> T:
        """Run `work` as `read` does, or return its last result where nothing was written since; callers at
        the same moment share one.

        For what loops look at again and again, which took most of an idle bot's time. The caller must not
        change the result, and `name` is always the same query's. Raises StoreError.
        """
        at, look = self._looks.get(name, (-1, None))
        if look is None or at != self._commits or self.is_closed or _has_failed(look):
            look = asyncio.ensure_future(self.read(work))
            self._looks[name] = self._commits, look
        # A caller that gives up must not take the result away from the others.
        return cast("T", await asyncio.shield(look))

    def _unusable(self, error: BaseException) -> StoreError:
        self.damage = str(error) if is_damage(error) else self.damage
        return StoreError(
            f"The bot's database cannot be used ({error}), so nothing was done.",
            f"Check the disk and the rights of {self.path.name} in PGBOT_DATA, then try again.",
        )

    def _read(self, work: Work[T]) -> T:
        reader: Transaction | None = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = open_for_reading(self.path)
            self._open_readers.append(reader)
        return work(reader)

    def _connect(self) -> Transaction:
        from bot.runtime.database.upgrade import upgrade  # noqa: PLC0415 - only who writes may upgrade

        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = open_for_writing(self.path)
        try:
            with contextlib.suppress(OSError):
                self.path.chmod(0o600)
            if not self._accepts_loss:
                require_wal(db, self.path)
            _require_integrity(db, self.path)
            upgrade(db)
            expect_wal(db)
            self._opened_file = identify_file(self.path)
        except BaseException:
            db.close()
            raise
        return db

    def _write_loop(self, opened: "Future[None]") -> None:
        try:
            db = self._connect()
        except (SqlError, OSError, StoreError) as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        running = True
        while running:
            batch, running = self._next_batch()
            if batch:
                self._commit(db, batch)
        with contextlib.suppress(SqlError):  # what is left in the WAL is read from there
            take_in_wal(db)
        db.close()

    def _next_batch(self) -> tuple[list[_Job[Any]], bool]:
        batch: list[_Job[Any]] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) == BATCH or self._jobs.empty():
                return batch, True
            job = self._jobs.get()
        return batch, False

    def _commit(self, db: Transaction, batch: list[_Job[Any]]) -> None:
        """Run every job in its savepoint, commit once, and only then answer the callers."""
        try:
            self._require_file()
            outcomes = _committed(db, batch, self._watchers)
            self._commits += 1
        except (SqlError, StoreError) as error:
            outcomes = [(job, None, error) for job in batch]
        for job, result, failure in outcomes:
            if failure is None:
                job.done.set_result(result)
            else:
                job.done.set_exception(failure)

    def _require_file(self) -> None:
        """Raise StoreError, now and from then on, when another file or none has the open file's name.

        SQLite keeps writing to a deleted file, and all of it would be lost. Once the lock's file is gone,
        another process may write.
        """
        self._is_lost = self._is_lost or identify_file(self.path) != self._opened_file
        if self._is_lost:
            raise StoreError(
                f"The bot's database {self.path.name} was deleted or replaced while the bot was running, "
                "so nothing was done.",
                "Put the file back in its place in PGBOT_DATA, or restore it, then start the bot again.",
            )
        self._is_unlocked = self._is_unlocked or self._lock is None or not self._lock.is_in_place()
        if self._is_unlocked:
            raise StoreError(
                "The file serve.lock in PGBOT_DATA was deleted while the bot was running, "
                "so nothing was done.",
                "Make sure that no other pgbot works with the folder, then start the bot again.",
            )


def _has_failed(look: asyncio.Future[Any]) -> bool:
    return look.done() and (look.cancelled() or look.exception() is not None)


def require_wal(db: Transaction, path: Path) -> None:
    """Raise StoreError for a file that was in use when it was copied or left, without its WAL."""
    if lacks_wal(db):
        raise StoreError(
            f"{path} is incomplete: its latest rows were in {path.name}-wal, which is missing or was cut.",
            f"Put {path.name}-wal back beside it, or restore a backup with “pgbot data restore”. "
            "“pgbot recover” continues without these rows.",
        )


def _require_integrity(db: Transaction, path: Path) -> None:
    if damage := find_damage(db):
        raise StoreError(
            f"{path} is damaged ({damage}).",
            "Keep the file to examine it, and restore a backup with “pgbot data restore”.",
        )


def _committed(
    db: Transaction, batch: list[_Job[Any]], watchers: tuple[CommitWatcher, ...]
) -> list[_Outcome]:
    """Return the outcome of each job, all of it on disk. Raises SqlError: then nothing of it is."""
    with write_transaction(db):
        for each in watchers:
            each.begins(db)
        outcomes: list[_Outcome] = [(job, *_attempt(db, job)) for job in batch]
        remembering = [each.ends(db) for each in watchers]
    for remember in remembering:
        remember()
    return outcomes


def _attempt(db: Transaction, job: _Job[T]) -> tuple[T | None, BaseException | None]:
    try:
        with db.atomic():
            return job.work(db), None
    except Exception as error:
        if not db.conn.in_transaction:
            # The error ended the whole transaction (a full disk does): no write of the batch survived.
            raise SqlError(str(error)) from error
        return None, error

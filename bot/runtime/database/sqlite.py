"""SQLite's dialect: connections, pragmas, errors, writes, triggers and full text, each spelled here alone.

Stores import this module and neither `sqlite3` nor `sqlite_utils`; a second database gets a module with the
same names. The tables are in `bot.runtime.database.schema`, conversions of values in `columns`.
"""

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlite_utils import Database

    Transaction = Database
else:  # the library takes 30 ms to load, and many commands in the terminal open no file
    Transaction = Any
"""One open transaction or a read-only connection, as stores get it: `execute` and `query`."""

SqlError = sqlite3.Error
UniqueViolation = sqlite3.IntegrityError
UnstorableValue = sqlite3.DataError

BUSY_SECONDS = 5
"""Time that a statement waits for another process's write (`serve` and `run` share the file)."""

POLL_SECONDS = 0.02
"""Between two attempts to switch to WAL, for which SQLite itself does not wait."""


def open_for_writing(path: Path, busy_seconds: float = BUSY_SECONDS) -> Transaction:
    """Open or create a file in WAL mode whose commits are on disk when they return. Raises SqlError."""
    return _open(path, busy_seconds, _switch_to_wal)


def open_alone(path: Path) -> Transaction:
    """Open a file and take it out of WAL mode. Raises SqlError while another process has it open."""
    return _open(path, 1, lambda connection: connection.execute("PRAGMA journal_mode=DELETE"))


def _open(path: Path, seconds: float, set_journal: Callable[[sqlite3.Connection], object]) -> Transaction:
    connection = sqlite3.connect(path, isolation_level=None, timeout=seconds)
    try:
        set_journal(connection)
        connection.execute("PRAGMA synchronous=FULL")
    except BaseException:
        connection.close()
        raise
    return _wrap(connection)


def open_for_reading(path: Path, *, is_immutable: bool = False) -> Transaction:
    """Open a file read-only, for use by any thread. `is_immutable` promises that nobody writes to it, which a
    file in WAL mode on a read-only disk needs. Raises SqlError."""
    uri = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if is_immutable else ''}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
    )
    return _wrap(connection)


def _wrap(connection: sqlite3.Connection) -> Transaction:
    from sqlite_utils import Database  # noqa: PLC0415 - see Transaction

    return Database(connection, execute_plugins=False)


# Integrity of a file in WAL mode, whose latest rows are in another one beside it.

_WHOLE, _LACKS_WAL = 0x7067_6264, 0x7067_626F
"""Application ids in the header: as the file reads with its WAL, and as it reads without."""

_WAL_HEADER, _FRAME_HEADER = 32, 24
"""Bytes of them in a WAL (https://www.sqlite.org/fileformat2.html#walformat)."""


def expect_wal(db: Transaction) -> None:
    """Have the file show from now on that it is incomplete without its WAL. Raises SqlError.

    What the file says is changed back at once, and that is in the WAL alone. It is not emptied before: of a
    process that ends in between it still has the rows that tell it from one that is lost.
    """
    db.execute(f"PRAGMA application_id={_LACKS_WAL}")
    db.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
    db.execute(f"PRAGMA application_id={_WHOLE}")


def take_in_wal(db: Transaction) -> None:
    """Put all of the WAL into the file itself, so that the file alone is complete. Raises SqlError."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def lacks_wal(db: Transaction) -> bool:
    """Return whether the file is read without the WAL that had its latest rows. Raises SqlError and OSError.

    A process that ends within `expect_wal` leaves a file that says so although its WAL lies beside it.
    """
    if db.execute("PRAGMA application_id").fetchone()[0] != _LACKS_WAL:
        return False
    wal = Path(f"{db.execute('PRAGMA database_list').fetchone()[2]}-wal")
    first_frame = _WAL_HEADER + _FRAME_HEADER + int(db.execute("PRAGMA page_size").fetchone()[0])
    try:
        return wal.stat().st_size < first_frame
    except FileNotFoundError:
        return True


def find_damage(db: Transaction) -> str:
    """Return what is wrong with the pages of a file; empty for nothing. Raises SqlError."""
    try:
        (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except SqlError as error:
        if not is_damage(error):
            raise
        found = error
    return "" if found == "ok" else str(found).replace("\n", " ")


def find_damaged_tables(db: Transaction) -> list[str]:
    """Return the tables with damaged pages. Raises SqlError where not even their names can be read."""
    if not find_damage(db):
        return []
    return [name for name, _ in _tables(db) if not _is_sound(db, name)] or ["the file itself"]


def read_newest_rows(db: Transaction) -> str:
    """Read some rows of every table, the newest where they have an order; return the first table that cannot
    be read, empty for none. Raises SqlError where not even their names can be read."""
    for name, is_ordered in _tables(db):
        order = "ORDER BY rowid DESC" if is_ordered else ""
        try:
            db.execute(f'SELECT * FROM "{name}" {order} LIMIT 5').fetchall()
        except SqlError as error:
            if not is_undecodable(error):
                return name
    return ""


def is_damage(error: BaseException) -> bool:
    """Return whether an error says that the file's pages are not what they were."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _tables(db: Transaction) -> list[tuple[str, bool]]:
    """Return the names of the tables, and whether their rows are in the order in which they were added."""
    rows = db.execute("SELECT name, wr FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
    return [(row[0], not row[1]) for row in rows.fetchall()]


def _is_sound(db: Transaction, table: str) -> bool:
    try:
        return bool(db.execute(f'PRAGMA quick_check("{table}")').fetchone()[0] == "ok")
    except SqlError:
        return False


@contextlib.contextmanager
def write_transaction(db: Transaction) -> Iterator[None]:
    """Open a transaction that holds the write lock from its start: all or nothing. Raises SqlError."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(SqlError):
            db.rollback()
        raise


def copy_file(source: Transaction, target: Path) -> None:
    """Copy a database that others may be writing, as it is at one moment. Raises SqlError and OSError."""
    is_whole = not lacks_wal(source)
    with contextlib.closing(sqlite3.connect(target)) as copy:
        source.conn.backup(copy)
        # One file, with nothing beside it that could be forgotten when it is moved.
        copy.execute("PRAGMA journal_mode=DELETE")
        says = copy.execute("PRAGMA application_id").fetchone()[0]
        if is_whole and says == _LACKS_WAL:  # taken while the writer was in `expect_wal`
            copy.execute(f"PRAGMA application_id={_WHOLE}")


def prepare_file(path: Path) -> None:
    """Set a file that another library will open to WAL mode, and check its pages. Raises SqlError."""
    with contextlib.closing(_wrap(sqlite3.connect(path))) as db:
        # WAL halves the time of a workflow step; it is a property of the file, so setting it once is enough.
        db.execute("PRAGMA journal_mode=WAL")
        # A damaged page would otherwise be found by whichever step reads it.
        if found := find_damage(db):
            raise sqlite3.DatabaseError(found)


def is_undecodable(error: SqlError) -> bool:
    """Return whether a text column holds bytes that are not UTF-8."""
    return isinstance(error, sqlite3.OperationalError) and "decode" in str(error)


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


# Writes. Names of tables and columns are always our own, so they stand in the statement.


def insert(db: Transaction, table: str, row: Mapping[str, Any]) -> None:
    """Add a row. Raises UniqueViolation, and UnstorableValue for text that is not Unicode."""
    try:
        db.execute(_insert(table, row), list(row.values()))
    except UnicodeEncodeError as error:
        raise UnstorableValue("the text holds half a character") from error


def insert_new(db: Transaction, table: str, row: Mapping[str, Any]) -> bool:
    """Add a row unless its key is taken; return whether it was added."""
    done = db.execute(f"{_insert(table, row)} ON CONFLICT DO NOTHING", list(row.values()))
    return bool(done.rowcount == 1)


def upsert(db: Transaction, table: str, *rows: Mapping[str, Any], key: Sequence[str]) -> None:
    """Add rows, each in place of the one that has the same key. All rows have the same columns."""
    if rows:
        sets = ", ".join(f"{name} = excluded.{name}" for name in rows[0] if name not in key)
        statement = f"{_insert(table, rows[0])} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}"
        execute_many(db, statement, [list(row.values()) for row in rows])


def update(db: Transaction, table: str, fields: Mapping[str, Any], where: str, values: Iterable[Any]) -> int:
    """Set columns of the rows that match, and return how many did. Raises UniqueViolation."""
    sets = ", ".join(f"{name} = ?" for name in fields)
    done = db.execute(f"UPDATE {table} SET {sets} WHERE {where}", [*fields.values(), *values])
    return int(done.rowcount)


def execute_many(db: Transaction, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run one statement with each of these rows of values."""
    db.conn.executemany(statement, rows)


def copy_rows(source: Transaction, target: Transaction, table: str) -> None:
    """Copy every row of a table into the table of the same name in another database."""
    columns = [each.name for each in source.table(table).columns]
    names = ", ".join(f'"{each}"' for each in columns)
    execute_many(target, _insert(table, columns), source.execute(f'SELECT {names} FROM "{table}"'))


def _insert(table: str, columns: Iterable[str]) -> str:
    names = [f'"{each}"' for each in columns]
    return f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({marks(names)})'


# Parts of queries.


def in_list(parameter: str) -> str:
    """Return the condition that a value is in the list that `parameter` stands for; see `listed`."""
    return f"IN (SELECT value FROM json_each({parameter}))"


LISTED = in_list("?")
"""A condition whose parameter is made by `listed`, so that a list of any length is one parameter."""


def listed(values: Iterable[str | int]) -> str:
    return json.dumps(list(values))


def marks(values: Iterable[object]) -> str:
    """Return a placeholder for each of the values."""
    return ", ".join("?" for _ in values)


def contains(text: str, part: str) -> str:
    """Return the condition that one text expression contains another, in the same case."""
    return f"instr({text}, {part}) > 0"


def words_of(column: str) -> str:
    """Return the aggregate that joins the values of a column, with a blank between two."""
    return f"group_concat({column}, ' ')"


# Triggers.


def refuse_changes(table: str, message: str) -> tuple[str, ...]:
    """Return statements after which rows of a table are only ever added."""
    return tuple(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
        for name, event in _refusals(table).items()
    )


def refuse_inserts(name: str, table: str, when: str, message: str) -> str:
    """Return the statement after which a table takes no row while a condition holds."""
    return f"""
        CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {when}
        BEGIN SELECT RAISE(ABORT, '{message}'); END
    """


def is_append_only(db: Transaction, table: str) -> bool:
    """Return whether the triggers of `refuse_changes` are there. Raises SqlError."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", [table])
    return _refusals(table).keys() <= {name for (name,) in rows}


def _refusals(table: str) -> dict[str, str]:
    return {f"{table}_never_updated": "UPDATE", f"{table}_never_deleted": "DELETE"}


# Full text.


@dataclass(frozen=True, slots=True)
class FullTextIndex:
    """An index over the words of a table's columns (FTS5), named after the table.

    The words are the rows' own (external content), so it can be made again from them at any time.
    """

    table: str
    key: str
    columns: tuple[str, ...]

    @property
    def statements(self) -> tuple[str, ...]:
        """Statements that create the index, fill it, and add every later row to it."""
        columns = ", ".join(self.columns)
        return (
            f"""
            CREATE VIRTUAL TABLE {self.table}_words USING fts5(
                {columns},
                content='{self.table}', content_rowid='{self.key}', tokenize='unicode61 remove_diacritics 2'
            )
            """,
            f"INSERT INTO {self.table}_words ({self.table}_words) VALUES ('rebuild')",
            f"""
            CREATE TRIGGER {self.table}_indexed AFTER INSERT ON {self.table}
            BEGIN
                INSERT INTO {self.table}_words (rowid, {columns})
                VALUES (new.{self.key}, {", ".join(f"new.{each}" for each in self.columns)});
            END
            """,
        )

    @property
    def source(self) -> str:
        """The index joined to its table, which gets the alias `a`."""
        return f"{self.table}_words AS w JOIN {self.table} AS a ON a.{self.key} = w.rowid"

    @property
    def order(self) -> str:
        """The key as the index has it: ordered by this, a query stops as soon as it has enough rows."""
        return "w.rowid"

    def matches(self, parameter: str) -> str:
        """Return the condition that a row matches a parameter made by `phrases` or `word_in`."""
        return f"{self.table}_words MATCH {parameter}"

    @staticmethod
    def phrases(words: str) -> str:
        """Return a parameter for rows that hold all of these words; a star ends the beginning of one."""
        return " ".join(
            '"' + word.rstrip("*").replace('"', '""') + '"' + ("*" if word.endswith("*") else "")
            for word in words.split()
        )

    @staticmethod
    def word_in(column: str, word: str) -> str:
        """Return a parameter for rows that hold a word in one column."""
        return f"{column} : {word}"

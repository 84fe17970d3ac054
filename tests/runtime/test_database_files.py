"""The database's file: complete after a stop, refused while it is not, and of a format that is known."""

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from audit_kit import make_entry
from sqlite_utils import Database

from bot.audit.backup import back_up
from bot.audit.log import AuditLog
from bot.audit.verify import verify
from bot.domain.errors import StoreError
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.schema import STEPS
from bot.runtime.database.sqlite import _LACKS_WAL, copy_file, expect_wal, open_for_reading

pytestmark = pytest.mark.anyio
SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.db.gz"))
"""Empty databases of the builds that changed the schema, by number of steps, last step and commit."""

BETWEEN = {
    "12-said_ran-859da02": "has the step “said_ran”, which no release has",
    "12-people_and_changes-25ab3b2": "lacks the column changes.said_ran, so no release can continue it",
}
"""What is said of builds that no release continues."""

WHY_INCOMPLETE = "is incomplete: its latest rows were in"


async def write_rows(database, count=3):
    log = AuditLog(database)
    for number in range(count):
        await log.append(make_entry(number))


async def count_rows(database):
    return await database.read(lambda db: db.execute("SELECT count(*) FROM audit").fetchone()[0])


async def opened_rows(path):
    """Return how many rows a database has that is opened there."""
    database = SqliteDatabase(path)
    await database.open()
    try:
        return await count_rows(database)
    finally:
        await database.close()


@pytest.fixture
async def killed(tmp_path):
    """Return a folder as a killed bot leaves it: the latest rows are in the WAL."""
    database = SqliteDatabase(tmp_path / "data" / "pgbot.db")
    await database.open()
    await write_rows(database)
    await count_rows(database)
    shutil.copytree(tmp_path / "data", tmp_path / "killed")
    await database.close()
    return tmp_path / "killed"


async def test_after_a_stop_the_file_alone_is_complete(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    await write_rows(database)
    await count_rows(database)  # a reader that is open must not keep the rows in the WAL
    await database.close()
    (tmp_path / "other").mkdir()
    shutil.copy(tmp_path / "pgbot.db", tmp_path / "other" / "pgbot.db")

    assert not (tmp_path / "pgbot.db-wal").exists()
    assert await opened_rows(tmp_path / "other" / "pgbot.db") == 3


async def test_a_file_that_somebody_reads_while_it_is_closed_is_complete_too(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    await write_rows(database)
    with closing(open_for_reading(tmp_path / "pgbot.db")) as reader:
        reader.execute("SELECT count(*) FROM audit").fetchone()
        await database.close()
        (tmp_path / "other").mkdir()
        shutil.copy(tmp_path / "pgbot.db", tmp_path / "other" / "pgbot.db")

    assert await opened_rows(tmp_path / "other" / "pgbot.db") == 3


async def test_after_a_kill_both_files_together_are_complete(killed):
    assert await opened_rows(killed / "pgbot.db") == 3


async def test_a_file_without_its_wal_is_refused_and_does_not_verify(killed):
    (killed / "pgbot.db-wal").unlink()

    with pytest.raises(StoreError, match=WHY_INCOMPLETE):
        await opened_rows(killed / "pgbot.db")
    with pytest.raises(StoreError, match=WHY_INCOMPLETE):
        verify([killed / "pgbot.db"])
    with pytest.raises(StoreError, match=WHY_INCOMPLETE):
        back_up(killed / "pgbot.db", killed / "copy.db")


async def test_it_is_opened_all_the_same_for_a_person_who_accepts_the_loss(killed):
    (killed / "pgbot.db-wal").unlink()
    database = SqliteDatabase(killed / "pgbot.db")
    await database.open(accepts_loss=True)
    rows = await count_rows(database)
    await database.close()

    assert rows == 0
    assert await opened_rows(killed / "pgbot.db") == 0


@pytest.mark.parametrize("kept", [1, 32, 1_000, 4_000, 5_000, 9_000, 13_000])
async def test_a_wal_that_was_cut_is_refused_or_has_its_first_rows(killed, kept):
    wal = killed / "pgbot.db-wal"
    wal.write_bytes(wal.read_bytes()[:kept])
    database = SqliteDatabase(killed / "pgbot.db")
    try:
        await database.open()
    except StoreError as error:
        assert WHY_INCOMPLETE in str(error)  # noqa: PT017 - both ends are right
        return
    try:
        log = AuditLog(database)
        await log.catch_up()
        assert (log.verified.doubt, kept >= 4_000) == ("", True)
    finally:
        await database.close()


async def test_a_reader_that_makes_an_empty_wal_does_not_hide_that_it_was_lost(killed):
    (killed / "pgbot.db-wal").unlink()
    with closing(open_for_reading(killed / "pgbot.db")) as db:
        db.execute("SELECT count(*) FROM audit").fetchone()

    with pytest.raises(StoreError, match=WHY_INCOMPLETE):
        await opened_rows(killed / "pgbot.db")


async def test_a_kill_while_the_file_is_being_opened_loses_nothing(killed):
    with closing(sqlite3.connect(killed / "pgbot.db", isolation_level=None)) as db:
        expect_wal(Database(db, execute_plugins=False))
        db.execute(f"PRAGMA application_id={_LACKS_WAL}")  # as it is before the second half of that
        db.execute("PRAGMA wal_checkpoint(FULL)")
        shutil.copytree(killed, killed.with_name("killed again"))

    again = killed.with_name("killed again") / "pgbot.db"
    back_up(again, again.with_name("copy.db"))
    assert verify([again]).bad is None
    assert await opened_rows(again) == 3
    assert await opened_rows(again.with_name("copy.db")) == 3


async def test_a_copy_of_a_file_without_its_wal_is_as_incomplete(killed):
    (killed / "pgbot.db-wal").unlink()
    with closing(open_for_reading(killed / "pgbot.db")) as db:
        copy_file(db, killed / "copy.db")

    with pytest.raises(StoreError, match=WHY_INCOMPLETE):
        await opened_rows(killed / "copy.db")


async def test_another_program_that_takes_the_wal_in_does_no_harm(killed):
    with closing(sqlite3.connect(killed / "pgbot.db")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not (killed / "pgbot.db-wal").exists()

    assert await opened_rows(killed / "pgbot.db") == 3


async def test_a_copy_of_a_running_database_is_complete(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    await write_rows(database)
    back_up(tmp_path / "pgbot.db", tmp_path / "copy.db")
    await database.close()

    assert await opened_rows(tmp_path / "copy.db") == 3


async def test_a_damaged_page_is_found_at_the_start(tmp_path):
    path = tmp_path / "pgbot.db"
    await opened_rows(path)
    content = bytearray(path.read_bytes())
    content[40_960:45_056] = b"x" * 4_096
    path.write_bytes(content)

    with pytest.raises(StoreError, match=r"pgbot\.db is damaged \(.*restore a backup"):
        await opened_rows(path)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name.removesuffix(".db.gz"))
async def test_a_file_of_every_earlier_build_is_upgraded_or_refused_with_the_reason(tmp_path, schema):
    path = tmp_path / "pgbot.db"
    path.write_bytes(gzip.decompress(schema.read_bytes()))
    if why := BETWEEN.get(schema.name.removesuffix(".db.gz")):
        with pytest.raises(StoreError, match=why) as refused:
            await opened_rows(path)
        assert "Check the disk" not in str(refused.value)
        return
    await opened_rows(path)
    await opened_rows(tmp_path / "fresh.db")

    assert columns(path) == columns(tmp_path / "fresh.db")


def columns(path):
    """Return the columns of each table, and the names of everything else."""
    with closing(sqlite3.connect(path)) as db:
        made = db.execute("SELECT type, name FROM sqlite_master").fetchall()
        return {
            (kind, name): {row[1:3] for row in db.execute(f"PRAGMA table_info({name})")}
            for kind, name in made
        }


def as_of_a_later_release(path, *, named=True):
    """Have a file say that a later release has changed it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('pgbot', 'wonders', '2027-01-01')"
        )
        if named:
            db.execute("INSERT INTO releases VALUES (?, '9.1.0')", [len(STEPS) + 1])
        db.commit()


async def test_a_file_of_a_later_release_is_refused_with_the_release_that_is_needed(tmp_path):
    path = tmp_path / "pgbot.db"
    await opened_rows(path)
    as_of_a_later_release(path)

    for open_it in (opened_rows, verified):
        with pytest.raises(StoreError) as refused:
            await open_it(path)
        assert f"was written by pgbot 9.1.0 in format {len(STEPS) + 1}" in str(refused.value)
        assert "Start pgbot 9.1.0 or a later release" in str(refused.value)


async def verified(path):
    return verify([path])

"""The watch over both database files: rows that are written and read, and pages that are damaged."""

import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import timedelta

import pytest
from damaged_pages import damage

from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import StoreError
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.file_watch import FileWatch

pytestmark = pytest.mark.anyio
RESTORE = "restore a backup with “pgbot data restore”."


def make_engine(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE workflow_status (id TEXT PRIMARY KEY, inputs TEXT)")
        db.executemany("INSERT INTO workflow_status VALUES (?, ?)", [(str(n), "x" * 900) for n in range(99)])
        db.commit()


async def fill(database, count=200):
    """Give some tables rows over several pages."""

    def work(db):
        for number in range(count):
            person = f"U{number:06}"
            db.execute(
                "INSERT INTO homes (person, team, opened_at, shown) VALUES (?, ?, ?, '')",
                [person, "T" * 400, "2026"],
            )
            db.execute("INSERT INTO people_keys VALUES (?, ?, '2026')", [person, "k" * 400])
            db.execute("INSERT INTO runs (at, clusters, rules, gaps) VALUES (?, 1, 1, 0)", ["2" * 400])

    await database.write(work)


@asynccontextmanager
async def watching(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    make_engine(tmp_path / "engine.db")
    try:
        yield FileWatch(database, tmp_path / "engine.db", VirtualClock())
    finally:
        await database.close()


async def test_both_files_take_a_row_and_give_it_back(tmp_path):
    async with watching(tmp_path) as watch:
        await watch.look()
        first = [await watch.check_database(), await watch.check_engine()]
        watch.clock.advance(timedelta(seconds=5))
        again = [await watch.check_database(), await watch.check_engine()]

        assert [each.why for each in (*first, *again)] == [""] * 4
        with closing(sqlite3.connect(tmp_path / "engine.db")) as db:
            assert db.execute("SELECT count(*) FROM pgbot_probe").fetchone() == (1,)


async def test_an_engine_that_is_missing_is_said_and_not_made(tmp_path):
    async with watching(tmp_path) as watch:
        for file in tmp_path.glob("engine.db*"):
            file.unlink()

        assert (await watch.check_engine()).why == "engine.db is not there."
        assert not list(tmp_path.glob("engine.db*"))


async def test_a_file_that_is_locked_for_writing_takes_no_row(tmp_path):
    async with watching(tmp_path) as watch:
        with closing(sqlite3.connect(tmp_path / "engine.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            found = await watch.check_engine()

        assert found.why == "engine.db takes no row: see the bot's log."


@pytest.mark.parametrize("page", [0, 3, -1], ids=["root", "middle", "newest"])
@pytest.mark.parametrize("table", ["homes", "people_keys", "runs"])
async def test_a_damaged_page_of_any_table_is_named(tmp_path, table, page):
    async with watching(tmp_path) as watch:
        await fill(watch.database)
        damage(tmp_path / "pgbot.db", table, page)
        before = (await watch.check_engine()).why
        await watch.look()
        found = await watch.check_database()

        assert before == ""
        assert found.why == f"pgbot.db is damaged ({table}): {RESTORE}"
        assert not found.is_warning


async def test_a_damaged_page_that_a_command_meets_is_said_at_once(tmp_path):
    async with watching(tmp_path) as watch:
        await fill(watch.database)
        await watch.look()
        damage(tmp_path / "pgbot.db", "runs", 3)
        with pytest.raises(StoreError):
            await watch.database.read(lambda db: list(db.query("SELECT * FROM runs")))

        assert "pgbot.db is damaged (database disk image is malformed)" in (await watch.check_database()).why


async def test_a_damaged_page_of_the_engine_is_named(tmp_path):
    async with watching(tmp_path) as watch:
        damage(tmp_path / "engine.db", "workflow_status", 3)
        await watch.look()

        assert (await watch.check_database()).why == ""
        assert (await watch.check_engine()).why == f"engine.db is damaged (workflow_status): {RESTORE}"


async def test_a_file_that_is_no_database_is_said(tmp_path):
    async with watching(tmp_path) as watch:
        for file in tmp_path.glob("engine.db*"):
            file.unlink()
        (tmp_path / "engine.db").write_bytes(b"not a database at all" * 400)
        await watch.look()

        assert not (await watch.check_engine()).is_warning
        assert (await watch.check_engine()).why.startswith("engine.db ")

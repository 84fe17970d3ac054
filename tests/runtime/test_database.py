"""Writes are durable, all or nothing, and grouped; reads never wait for them."""

import asyncio
import sqlite3
import stat

import pytest

from bot.domain.errors import ConfigError, StoreError
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.upgrade import schema

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(tmp_path):
    database = SqliteDatabase(tmp_path / "data" / "pgbot.db")
    await database.open()
    yield database
    await database.close()


def add(number: int):
    return lambda db: db["numbers"].insert({"n": number})


async def count(database: SqliteDatabase) -> int:
    return await database.read(lambda db: db["numbers"].count)


def counting():
    """Return a query for the number of rows, and what it has found each time."""
    found = []

    def rows(db):
        found.append(db["numbers"].count)
        return found[-1]

    return found, rows


async def test_the_file_is_private_and_set_up_for_durability(database):
    pragmas = await database.write(
        lambda db: (
            db.execute("PRAGMA journal_mode").fetchone()[0],
            db.execute("PRAGMA synchronous").fetchone()[0],
        )
    )

    assert pragmas == ("wal", 2)
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700


async def test_the_schema_is_applied_once(database):
    await database.close()
    again = SqliteDatabase(database.path)
    await again.open()

    applied = await again.read(lambda db: [each.name for each in schema.applied(db)])
    await again.close()

    assert len(set(applied)) == len(applied)
    assert "audit_log" in applied


async def test_a_write_can_be_read_at_once(database):
    await database.write(add(1))

    assert await count(database) == 1


async def test_what_is_read_again_and_again_is_asked_for_after_a_write_alone(database):
    asked, rows = counting()
    await database.write(add(1))
    found = [await database.read_if_changed("numbers", rows) for _ in range(3)]
    await database.write(add(2))
    found.append(await database.read_if_changed("numbers", rows))

    assert (found, asked) == ([1, 1, 1, 2], [1, 2])


async def test_callers_at_the_same_moment_share_one_reading(database):
    asked, rows = counting()
    await database.write(add(1))
    first, second, third = (
        asyncio.ensure_future(database.read_if_changed("numbers", rows)) for _ in range(3)
    )
    await asyncio.sleep(0)
    first.cancel()  # it must not take the result away from the others

    assert await asyncio.gather(second, third) == [1, 1]
    assert asked == [1]


async def test_a_reading_that_failed_is_done_again(database):
    def fail(_db):
        raise sqlite3.OperationalError("disk I/O error")

    await database.write(add(1))
    with pytest.raises(StoreError, match="disk I/O error"):
        await database.read_if_changed("numbers", fail)

    assert await database.read_if_changed("numbers", lambda db: db["numbers"].count) == 1


async def test_a_process_that_only_reads_asks_each_time(database):
    reader = SqliteDatabase(database.path)
    for number in (1, 2):
        await database.write(add(number))
        assert await reader.read_if_changed("numbers", lambda db: db["numbers"].count) == number
    await reader.close()


async def test_many_writes_at_once_all_arrive(database):
    await asyncio.gather(*(database.write(add(number)) for number in range(200)))

    assert await count(database) == 200


async def test_a_failed_write_takes_nothing_with_it(database):
    await database.write(add(0))

    def half(db):
        db["numbers"].insert({"n": 1})
        raise ValueError("half-way")

    good_and_bad = await asyncio.gather(
        database.write(add(2)), database.write(half), database.write(add(3)), return_exceptions=True
    )

    assert [type(each) for each in good_and_bad if isinstance(each, Exception)] == [ValueError]
    assert await database.read(lambda db: [row["n"] for row in db["numbers"].rows]) == [0, 2, 3]


async def test_an_error_of_sqlite_is_one_sentence_with_a_next_step(database):
    with pytest.raises(StoreError, match="nothing was done") as caught:
        await database.write(lambda db: db.execute("INSERT INTO nowhere VALUES (1)"))

    assert "pgbot.db" in caught.value.next_step


async def test_a_full_disk_refuses_the_write_and_the_next_one_can_succeed(database):
    pages = await database.write(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await database.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchone())

    with pytest.raises(StoreError, match="full"):
        await database.write(lambda db: db["big"].insert({"blob": "x" * 1_000_000}))

    await database.write(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchone())
    await database.write(add(1))
    assert await count(database) == 1


async def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="cannot be used"):
        await SqliteDatabase(tmp_path / "file" / "pgbot.db").open()


async def test_a_closed_database_refuses_at_once(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    await database.close()

    with pytest.raises(StoreError, match="closed"):
        await database.write(add(1))


async def test_close_finishes_what_was_queued(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    waiting = [asyncio.create_task(database.write(add(number))) for number in range(50)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*waiting)

    with sqlite3.connect(tmp_path / "pgbot.db") as connection:
        assert connection.execute("SELECT count(*) FROM numbers").fetchone() == (50,)
    connection.close()


async def test_a_caller_that_gives_up_does_not_take_its_write_back(database):
    task = asyncio.create_task(database.write(add(1)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await database.write(add(2))

    assert await count(database) == 2

"""A database that several open at once, that vanishes, or that is being closed."""

import asyncio
import sys

import pytest

from bot.domain.errors import StoreError
from bot.runtime.database.database import SqliteDatabase

pytestmark = pytest.mark.anyio

ROUNDS = 4
OPENERS = 5

OPEN = """
import asyncio, sys
from pathlib import Path
from bot.runtime.database.database import SqliteDatabase

async def main():
    database = SqliteDatabase(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    await database.open()
    await database.write(lambda db: db["numbers"].insert({"n": 1}))
    await database.close()

asyncio.run(main())
"""


def add(number: int):
    return lambda db: db["numbers"].insert({"n": number})


@pytest.fixture
async def database(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    await database.write(add(0))
    yield database
    await database.close()


async def opener(path):
    """Start a process that has everything imported and opens the file on order."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        OPEN,
        str(path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert await process.stdout.readline() == b"ready\n"
    return process


async def test_processes_that_make_the_file_at_the_same_moment_all_get_in(tmp_path):
    for number in range(ROUNDS):
        path = tmp_path / f"round{number}" / "pgbot.db"
        processes = await asyncio.gather(*(opener(path) for _ in range(OPENERS)))
        for process in processes:
            process.stdin.write(b"go\n")
        ended = await asyncio.gather(*(process.communicate() for process in processes))

        assert [error.decode()[-300:] for _, error in ended] == [""] * OPENERS

        database = SqliteDatabase(path)
        await database.open()
        assert await database.read(lambda db: db["numbers"].count) == OPENERS
        await database.close()


async def test_a_file_that_was_deleted_refuses_every_write(database):
    database.path.unlink()

    for number in (1, 2):
        with pytest.raises(
            StoreError, match=r"pgbot\.db was deleted or replaced .* nothing was done"
        ) as caught:
            await database.write(add(number))
        assert "start the bot again" in caught.value.next_step


async def test_a_file_that_was_replaced_refuses_writes_even_when_the_old_one_comes_back(database, tmp_path):
    aside = tmp_path / "aside.db"
    database.path.rename(aside)
    database.path.write_bytes(b"")

    with pytest.raises(StoreError, match="deleted or replaced"):
        await database.write(add(1))

    aside.replace(database.path)
    with pytest.raises(StoreError, match="deleted or replaced"):
        await database.write(add(2))


async def test_a_write_while_closing_is_refused_and_what_was_queued_arrives(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    before = asyncio.create_task(database.write(add(1)))
    await asyncio.sleep(0)
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)

    assert database.is_closed
    async with asyncio.timeout(10):
        with pytest.raises(StoreError, match="closed"):
            await database.write(add(2))
        await before
        await asyncio.gather(closing, database.close())

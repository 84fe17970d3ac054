"""A database that several open at once, that vanishes, or that is being closed."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot.domain.errors import ConfigError, StoreError
from bot.runtime.database.database import SqliteDatabase

pytestmark = pytest.mark.anyio

ROUNDS = 2
OPENERS = 5

OPEN = """
import asyncio, sys
from pathlib import Path
from bot.domain.errors import ConfigError
from bot.runtime.database.database import SqliteDatabase

async def main():
    database = SqliteDatabase(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        await database.open()
    except ConfigError as error:
        print(error, flush=True)
        return
    await database.write(lambda db: db["numbers"].insert({"n": 1}))
    print("in", flush=True)
    sys.stdin.readline()
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


async def test_of_processes_that_open_the_file_at_the_same_moment_one_writes(tmp_path):
    for number in range(ROUNDS):
        path = tmp_path / f"round{number}" / "pgbot.db"
        processes = await asyncio.gather(*(opener(path) for _ in range(OPENERS)))
        for process in processes:
            process.stdin.write(b"go\n")
        said = await asyncio.gather(*(process.stdout.readline() for process in processes))
        await asyncio.gather(*(process.communicate(b"") for process in processes))

        busy = b"Another pgbot serve already works with the data folder"
        assert said.count(b"in\n") == 1
        assert sum(each.startswith(busy) for each in said) == OPENERS - 1
        database = SqliteDatabase(path)
        await database.open()
        assert await database.read(lambda db: db["numbers"].count) == 1
        await database.close()


def folder_link(path):
    """Return the database's path through a link to its folder."""
    link = path.parent.with_name("link")
    link.symlink_to(path.parent)
    return link / path.name


def file_link(path):
    """Return a link to the database in another folder."""
    link = path.parent.with_name("elsewhere") / path.name
    link.parent.mkdir()
    link.symlink_to(path)
    return link


def link_to_a_link(path):
    """Return a relative link to a link to the folder, with steps back in it."""
    folder_link(path)
    other = path.parent.with_name("other")
    other.symlink_to("link")
    return other / ".." / "other" / path.name


def another_root(path):
    """Return the path as root sees it through the process of a container: its text leads nowhere."""
    return Path(f"/proc/{os.getpid()}/root{path}") if Path("/proc/self/root").exists() else folder_link(path)


@pytest.mark.parametrize("way", [folder_link, file_link, link_to_a_link, another_root])
async def test_whoever_takes_another_way_to_the_file_meets_the_same_lock(tmp_path, way):
    path = tmp_path / "data" / "pgbot.db"
    path.parent.mkdir()
    other = way(path)
    for first, second in ((path, other), (other, path)):
        holder = SqliteDatabase(first)
        await holder.open()
        with pytest.raises(ConfigError, match="already works with the data folder"):
            await SqliteDatabase(second).open()
        await holder.close()
        after = SqliteDatabase(second)
        await after.open()
        await after.close()


async def test_a_link_in_a_circle_is_said(tmp_path):
    (tmp_path / "pgbot.db").symlink_to("other.db")
    (tmp_path / "other.db").symlink_to("pgbot.db")

    with pytest.raises(ConfigError, match="leads in a circle"):
        await SqliteDatabase(tmp_path / "pgbot.db").open()


async def test_a_second_name_of_the_file_is_refused_whether_or_not_the_bot_runs(database, tmp_path):
    second = tmp_path / "elsewhere" / "other.db"
    second.parent.mkdir()
    second.hardlink_to(database.path)

    with pytest.raises(ConfigError, match="has a hard link"):
        await SqliteDatabase(second).open()
    await database.write(add(1))  # the bot that runs is not stopped by it
    await database.close()
    with pytest.raises(ConfigError, match="has a hard link"):
        await SqliteDatabase(database.path).open()

    second.unlink()
    again = SqliteDatabase(database.path)
    await again.open()
    await again.close()


async def test_a_lock_whose_file_was_deleted_lets_nobody_else_write_beside(database):
    """People delete a lock file that is in their way."""
    (database.path.parent / "serve.lock").unlink()
    second = SqliteDatabase(database.path)
    await second.open()

    with pytest.raises(StoreError, match=r"serve\.lock .* was deleted .* nothing was done"):
        await database.write(add(1))
    await second.write(add(2))
    await second.close()
    with pytest.raises(StoreError, match=r"serve\.lock"):
        await database.write(add(3))

    assert await database.read(lambda db: [row["n"] for row in db["numbers"].rows]) == [0, 2]


async def test_a_folder_that_is_moved_away_takes_its_lock_along(database, tmp_path):
    moved = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(moved)

    with pytest.raises(ConfigError, match="already works"):
        await SqliteDatabase(moved / "pgbot.db").open()
    with pytest.raises(StoreError, match="deleted or replaced"):
        await database.write(add(1))


async def test_a_start_that_fails_leaves_the_lock_to_the_next(tmp_path):
    (tmp_path / "pgbot.db").write_text("this is no database" * 100)
    with pytest.raises(StoreError, match="not a database"):
        await SqliteDatabase(tmp_path / "pgbot.db").open()
    (tmp_path / "pgbot.db").unlink()

    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
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
    async with asyncio.timeout(120):
        with pytest.raises(StoreError, match="closed"):
            await database.write(add(2))
        await before
        await asyncio.gather(closing, database.close())

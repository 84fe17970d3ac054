"""The engine's file is of no use, or gone: the bot says so and ends, and without it nothing is sent twice."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from approved_change import approved_restore, put_secrets
from crash_cases import HEAD, Case
from crash_site import crash_site
from programs_site import open_programs_stage, running_program

from bot.changes.record import ChangeState
from bot.domain.errors import StoreError
from bot.runtime.workflows.dbos import open_engine

pytestmark = pytest.mark.anyio
GARBAGE = b"no database at all, and long enough to be taken for one. " * 200


async def test_serve_ends_with_one_sentence_that_names_the_file_and_the_way_out(tmp_path):
    async with open_programs_stage(tmp_path) as (_, environment):
        file = tmp_path / "data" / "engine.db"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(GARBAGE)
        async with running_program("serve", env=environment) as process, asyncio.timeout(120):
            _, said = await process.communicate()

    words = said.decode()
    assert process.returncode == 2
    assert f"The engine's file {file} cannot be used: file is not a database." in words
    assert "move engine.db away, and with it engine.db-wal and engine.db-shm, and start again" in words
    assert "Traceback" not in words


async def test_what_uses_a_bot_that_can_move_no_change_is_cut_off(tmp_path, monkeypatch):
    put_secrets(monkeypatch)
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        (tmp_path / "data" / "engine.db").write_bytes(GARBAGE)

        async def used():
            async with asyncio.timeout(120), stage.served(tmp_path / "data"):
                await asyncio.Event().wait()

        with pytest.raises(StoreError, match="cannot be used"):
            await used()
        now = await room.rows.get(record.id)

    assert now.state is ChangeState.APPROVED
    assert stage.posts(cluster) == []


async def test_a_file_that_is_damaged_in_the_middle_is_found_at_the_start(tmp_path):
    file = tmp_path / "engine.db"
    async with open_engine(file, {}):
        pass
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    content[8_192 : len(content) // 2] = b"x" * (len(content) // 2 - 8_192)
    file.write_bytes(content)

    with pytest.raises(StoreError, match=r"engine\.db cannot be used"):
        async with open_engine(file, {}):
            raise AssertionError("it opens")


async def test_a_file_of_somebody_else_is_no_engine(tmp_path):
    file = tmp_path / "engine.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE dbos_migrations (other TEXT)")
        db.commit()

    with pytest.raises(StoreError, match=r"engine\.db cannot be used"):
        async with open_engine(file, {}):
            raise AssertionError("it opens")


async def test_a_file_of_a_newer_engine_is_refused_with_both_formats(tmp_path):
    file = tmp_path / "engine.db"
    async with open_engine(file, {}):
        pass
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE dbos_migrations SET version = version + 1")
        db.commit()

    with pytest.raises(StoreError, match=r"engine\.db has format \d+ of the workflow engine, and"):
        async with open_engine(file, {}):
            raise AssertionError("it opens")


LOST_AT = ("started", "armed", "sent", "sending recorded", "acted", "seen", "watched", "ended")


async def test_an_engine_that_is_moved_away_loses_and_doubles_nothing(tmp_path, monkeypatch):
    put_secrets(monkeypatch)
    async with crash_site(tmp_path) as site:
        outcomes = await site.run_all([Case((point,), "v1", bare=True) for point in LOST_AT])

    print(HEAD, *(outcome.row() for outcome in outcomes), sep="\n")  # noqa: T201 - to see where it was
    assert [outcome.row() for outcome in outcomes if outcome.wrong] == []
    assert all(outcome.killed for outcome in outcomes)

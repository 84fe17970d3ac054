"""Rows are chained from the first one, and nobody can quietly change one."""

import asyncio
import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from audit_rows import audit_rows

from bot.audit.hash_chain import row_digest
from bot.audit.log import GENESIS, AuditLog
from bot.audit.records import AuditEntry
from bot.audit.verify import verify
from bot.domain.errors import StoreError
from bot.domain.request import ApiRequest
from bot.runtime.database.database import SqliteDatabase

pytestmark = pytest.mark.anyio

ENTRY = AuditEntry(
    at=datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
    kind="outcome",
    trace="abc",
    team="T1",
    actor="slack:U0ALICE",
    channel="C0OPS",
    command="cluster list",
    text="cluster list --state BUSY 🔥",
    outcome="ok",
    requests=(ApiRequest(method="GET", url="https://x/clusters", status=200, milliseconds=12.34),),
    milliseconds=56.789,
)


@pytest.fixture
async def log(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    yield AuditLog(database)
    await database.close()


def edited(path, statement: str) -> None:
    """Edit the file past the triggers, as somebody who has the file would."""
    connection = sqlite3.connect(path)
    for trigger in ("audit_never_updated", "audit_never_deleted"):
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute(statement)
    connection.commit()
    connection.close()


async def test_a_row_says_who_where_what_and_what_came_of_it(log):
    number = await log.append(ENTRY)

    (row,) = await audit_rows(log._database)
    assert number == 1
    assert row["prev"] == GENESIS
    assert row["actor"] == "slack:U0ALICE"
    assert row["text"] == "cluster list --state BUSY 🔥"
    assert json.loads(row["requests"])[0] == {
        "method": "GET",
        "url": "https://x/clusters",
        "status": 200,
        "ms": 12.3,
        "request_id": None,
        "attempt": 1,
    }
    assert row["hash"] == row_digest(row)


async def test_rows_written_at_once_make_one_chain(log):
    numbers = await asyncio.gather(*(log.append(ENTRY) for _ in range(100)))

    assert sorted(numbers) == list(range(1, 101))
    assert verify([log._database.path]).bad is None


@pytest.mark.parametrize("statement", ["UPDATE audit SET text = 'nothing'", "DELETE FROM audit"])
async def test_the_triggers_refuse_every_change(log, statement):
    await log.append(ENTRY)

    with pytest.raises(StoreError, match="append-only"):
        await log._database.write(lambda db: db.execute(statement))


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET text = 'nothing' WHERE seq = 4", 4),
        ("UPDATE audit SET actor = 'slack:U0BOB' WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 7", 7),
        ("UPDATE audit SET prev = hash WHERE seq = 2", 2),
        ("UPDATE audit SET seq = seq + 100 WHERE seq = 10", 10),
    ],
)
async def test_a_change_past_the_triggers_is_found_and_the_first_bad_row_named(log, statement, broken):
    for number in range(10):
        await log.append(replace(ENTRY, trace=str(number)))
    assert verify([log._database.path]).bad is None

    edited(log._database.path, statement)

    assert verify([log._database.path]).bad.seq == broken


async def test_an_empty_log_is_whole(log):
    assert verify([log._database.path]).bad is None


async def test_a_read_only_file_refuses_the_row(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    await database.write(lambda db: db.execute("PRAGMA query_only = ON").fetchone())

    with pytest.raises(StoreError, match="nothing was done"):
        await AuditLog(database).append(ENTRY)
    await database.close()

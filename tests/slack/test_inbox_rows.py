"""The inbox's rows, each with its delivery's outcome in the audit log."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.runtime.database.database import SqliteDatabase
from bot.slack.inbox_store import InboxRows

pytestmark = pytest.mark.anyio
AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    yield database
    await database.close()


async def deliver(database, key, minutes=0):
    row = {"key": key, "trace": f"t-{key}", "actor": "U1", "channel": "C1", "text": "whoami"}
    await InboxRows(database).add(row, AT + timedelta(minutes=minutes))


async def record(database, key, kind, outcome, **more):
    entry = AuditEntry(
        at=AT, kind=kind, trace=f"t-{key}", team="T1", actor="slack:U1", channel="", outcome=outcome, **more
    )
    await AuditLog(database).append(entry)


async def test_each_delivery_comes_once_oldest_first_with_what_the_audit_says_of_it(database):
    for minutes, key in enumerate(["new", "refused", "cut", "done", "closed"]):
        await deliver(database, key, -minutes)
    await record(database, "refused", "invocation", "denied")
    await record(database, "cut", "invocation", "accepted", command="whoami")
    await record(database, "cut", "request", "intended")
    await record(database, "done", "invocation", "accepted", command="whoami")
    await record(database, "done", "outcome", "failed")
    await record(database, "done", "outcome", "ok")
    await InboxRows(database).answer("closed", AT)

    rows = await InboxRows(database).unanswered()

    columns = ("key", "team", "command", "began", "ended")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        ("done", "T1", "whoami", "accepted", "ok"),
        ("cut", "T1", "whoami", "accepted", None),
        ("refused", "T1", "", "denied", None),
        ("new", None, None, None, None),
    ]

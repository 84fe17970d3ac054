"""The inbox's rows, each with its delivery's outcome in the audit log."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.demo.virtual_clock import VirtualClock
from bot.domain.request import Actor, Invocation, Origin
from bot.runtime.database.database import SqliteDatabase
from bot.slack.inbox import Inbox

pytestmark = pytest.mark.anyio
AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    yield database
    await database.close()


async def deliver(database, key, minutes=0):
    at = AT + timedelta(minutes=minutes)
    actor = Actor(origin=Origin.SLACK, id="U1")
    delivery = Invocation(key=key, trace=f"t-{key}", actor=actor, channel="C1", text="whoami", at=at)
    await Inbox(database, VirtualClock(at)).accept(delivery)


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
    inbox = Inbox(database, VirtualClock(AT))
    await inbox.answered("closed")

    found = await inbox.unanswered()

    assert [(each.key, each.team, each.command, each.began, each.ended) for each in found] == [
        ("done", "T1", "whoami", "accepted", "ok"),
        ("cut", "T1", "whoami", "accepted", None),
        ("refused", "T1", "", "denied", None),
        ("new", "", "", None, None),
    ]

"""A command whose process was killed gets an outcome at the next start, and only one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from audit_kit import START, make_entry

from bot.audit.log import AuditLog
from bot.audit.verify import verify
from bot.commands.interrupted import MAX_RUNTIME, close_orphans
from bot.demo.virtual_clock import VirtualClock
from bot.domain.request import Actor, Invocation, Origin
from bot.runtime.database.database import SqliteDatabase
from bot.slack.inbox import Inbox

pytestmark = pytest.mark.anyio
SECOND = timedelta(seconds=1)
LATER = START + MAX_RUNTIME + timedelta(minutes=1)


@pytest.fixture
async def database(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    yield database
    await database.close()


def began(trace):
    return make_entry(1, at=START, kind="invocation", trace=trace, outcome="accepted", actor="os:olga")


def ended(trace):
    return make_entry(1, at=START + SECOND, kind="outcome", trace=trace)


async def outcomes(log, trace):
    return [row.outcome for row in await log.find_related(trace) if row.kind == "outcome"]


async def test_what_began_and_never_ended_is_closed_once(database):
    log, clock = AuditLog(database), VirtualClock(LATER)
    for each in (began("done"), ended("done"), began("killed"), replace(began("refused"), outcome="denied")):
        await log.append(each)

    assert [await close_orphans(log, clock), await close_orphans(log, clock)] == [1, 0]
    assert await outcomes(log, "killed") == ["cut off"]
    assert await outcomes(log, "done") == ["ok"]
    [*_, last] = await log.find_related("killed")
    assert (last.actor, last.command, last.detail) == (
        "os:olga",
        "cluster show",
        "the bot stopped before the command finished; it started with entry 3",
    )
    assert verify([log._database.path]).bad is None


async def test_what_may_still_be_running_is_left_alone(database):
    log = AuditLog(database)
    await log.append(began("young"))

    assert await close_orphans(log, VirtualClock(START + MAX_RUNTIME - SECOND)) == 0
    assert await close_orphans(log, VirtualClock(START + MAX_RUNTIME)) == 1


async def test_a_second_try_under_the_same_trace_ends_both(database):
    log = AuditLog(database)
    for each in (began("report:1"), began("report:1"), ended("report:1")):
        await log.append(each)
    await log.append(began("report:1"))

    assert await close_orphans(log, VirtualClock(LATER)) == 1


async def test_a_delivery_that_slack_waits_for_is_left_to_the_inbox(database):
    log, inbox = AuditLog(database), Inbox(database, VirtualClock(LATER))
    await log.append(began("asked"))
    bob = Actor(origin=Origin.SLACK, id="U0BOB")
    await inbox.accept(
        Invocation(key="trigger", trace="asked", actor=bob, channel="C0OPS", text="status", at=START)
    )

    assert await close_orphans(log, VirtualClock(LATER)) == 0
    await inbox.answered("trigger")
    assert await close_orphans(log, VirtualClock(LATER)) == 1


async def test_it_is_found_however_long_the_bot_was_away(database):
    log = AuditLog(database)
    await log.append(began("killed"))

    assert await close_orphans(log, VirtualClock(START + timedelta(days=400))) == 1


async def test_an_empty_log_has_none(database):
    assert await close_orphans(AuditLog(database), VirtualClock(LATER)) == 0

"""Changes that a wrong clock has touched, once the time is right again."""

import json
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from approved_change import put_secrets
from change_kit import TARGET, change_stage

from bot.audit.evidence.program import problems
from bot.changes.record import ChangeState
from bot.changes.transitions import REOPENED
from bot.domain.reply import File

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


EXPIRES = timedelta(hours=24)


@asynccontextmanager
async def room_with_proposal(tmp_path):
    async with change_stage(speed=1.0) as stage, stage.room(tmp_path / "data") as room:
        cluster = stage.clusters("v1")[0]
        yield stage, room, await room.asks("alice", f"restore {cluster.id} --to {TARGET}")


def set_clock(stage, **by):
    stage.clock.ahead += timedelta(**by).total_seconds()


async def expired(stage, room, change, days):
    """Let the clock be days ahead for a moment, as an earlier release did; return the change."""
    set_clock(stage, days=days)
    await room.kernel.dispatcher.changes.expire_due()
    set_clock(stage, days=-days)
    return await room.rows.get(change.id)


async def repaired(room):
    return await room.kernel.dispatcher.changes.repair(room.kernel.clock.now())


@pytest.mark.parametrize("days", [1.1, 3_653])
async def test_what_expired_by_a_wrong_clock_alone_is_open_again_and_can_be_approved(tmp_path, days):
    async with room_with_proposal(tmp_path) as (stage, room, change):
        before = await expired(stage, room, change, days)
        words = await repaired(room)
        after = await room.rows.get(change.id)
        again = await repaired(room)
        unproven = await room.rows.find_unproven()
        shown = await room.says("bob", f"change show {change.id} --bundle")
        approved = await room.says("bob", f"change approve {change.id}")

        assert before.state is ChangeState.EXPIRED
        assert (after.state, after.ended_at, after.result) == (ChangeState.PROPOSED, None, "")
        assert after.expires_at == change.expires_at
        assert (words, again) == (f"Reopened with the right time: {change.id}.", "")
        assert unproven == []
        (bundle,) = (json.loads(part.content) for part in shown.parts if isinstance(part, File))
        assert list(problems(bundle)) == []
        assert approved.ok, approved
        (row,) = await room.audit(outcome="reopened")
        assert (row["actor"], row["detail"]) == ("bot", REOPENED)


async def test_what_has_expired_by_the_right_time_as_well_stays_so(tmp_path):
    async with room_with_proposal(tmp_path) as (stage, room, change):
        await expired(stage, room, change, 30)
        set_clock(stage, hours=25)

        assert await repaired(room) == ""
        assert (await room.rows.get(change.id)).state is ChangeState.EXPIRED


async def test_a_proposal_of_a_day_to_come_has_the_time_of_its_rule_from_now_on(tmp_path):
    async with change_stage(speed=1.0) as stage, stage.room(tmp_path / "data") as room:
        cluster = stage.clusters("v1")[0]
        set_clock(stage, days=2)
        change = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
        set_clock(stage, days=-2)
        await repaired(room)
        after = await room.rows.get(change.id)
        left = after.expires_at - stage.clock.now()

        assert after.state is ChangeState.PROPOSED
        assert abs(left - EXPIRES) < timedelta(minutes=1)
        assert await room.rows.find_unproven() == []
        assert (await repaired(room)) == ""

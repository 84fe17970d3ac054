"""Jobs of a running bot: it expires changes that nobody decided, and forgets workflows."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from approved_change import approved_restore, put_secrets
from change_kit import TARGET, change_stage

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


async def test_what_nobody_decides_expires_on_its_card_too(tmp_path):
    async with change_stage() as stage, stage.served(tmp_path / "data") as room:
        record = await room.asks("alice", f"restore {stage.clusters('v1')[0].id} --to {TARGET}")
        await room.told()
        stage.clock.ahead += timedelta(hours=25).total_seconds()
        ended = await room.until(record.id)
        await room.told()
        (card,) = await room.rows.cards(record.id)
        shown = next(each.text for each in stage.messages() if each.ts == card.ts)

    assert (ended.state, ended.result) == (ChangeState.EXPIRED, "Nobody decided in time")
    assert shown.startswith(f"{record.plan.action}: expired")


async def test_a_week_after_its_end_a_workflow_is_forgotten_and_its_change_is_not(tmp_path):
    data = tmp_path / "data"
    async with approved_restore(tmp_path) as (stage, _people, record, _cluster), stage.served(data) as room:
        await room.until(record.id)
        kept = await until(lambda: ended_workflows(data))
        # The engine goes by the machine's clock.
        behind = max(datetime.now(UTC) - stage.clock.now(), timedelta())
        stage.clock.ahead += (behind + timedelta(days=8)).total_seconds()
        await until(lambda: not ended_workflows(data))
        change = await room.rows.get(record.id)

    assert kept == [f"change:{record.id}"]
    assert change.state is ChangeState.DONE


async def until(look):
    async with asyncio.timeout(120):
        while not (found := look()):
            await asyncio.sleep(0.05)
    return found


def ended_workflows(data):
    with closing(sqlite3.connect(data / "engine.db")) as db:
        rows = db.execute("SELECT workflow_uuid FROM workflow_status WHERE status = 'SUCCESS'").fetchall()
    return [row[0] for row in rows]

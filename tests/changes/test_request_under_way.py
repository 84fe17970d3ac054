"""An ordinary stop while a request is under way: its answer is waited for and noted, and nothing else is."""

import asyncio
import time
from dataclasses import replace

import pytest
from approved_change import approved_restore, put_secrets

from bot.changes.record import ChangeState
from bot.demo.http_client import loopback_client
from bot.runtime.workflows.dbos import open_engine
from bot.runtime.workflows.port import hold_stop, release_stop

pytestmark = pytest.mark.anyio
AT_ONCE = 5.0
"""Seconds, far less than the time limit of an engine in these tests."""


async def one_life(file, step, grace=60.0):
    """Close an engine as soon as the step of its workflow has begun; return the seconds that took."""
    begun = asyncio.Event()

    async def act():
        begun.set()
        return await step()

    async def work(_payload, steps):
        await steps.run("act", act)
        await steps.run("watch", asyncio.Event().wait)

    async with open_engine(file, {"change": work}, grace) as engine:
        await engine.start("change", "change:c-1", {})
        async with asyncio.timeout(120):
            await begun.wait()
        since = time.monotonic()
    return time.monotonic() - since


async def test_a_step_that_holds_the_stop_is_finished_and_recorded_and_the_next_is_cut_off(tmp_path):
    done = []

    async def sends():
        hold_stop()
        await asyncio.sleep(0.3)
        done.append("sent")

    async def work(_payload, steps):
        await steps.run("act", sends)
        done.append("again")

    took = await one_life(tmp_path / "engine.db", sends)
    async with open_engine(tmp_path / "engine.db", {"change": work}) as engine, asyncio.timeout(120):
        while await engine.running():
            await asyncio.sleep(0.01)

    assert done == ["sent", "again"]
    assert 0.3 <= took < AT_ONCE


@pytest.mark.parametrize("begins", [[], [hold_stop, release_stop]], ids=["never held", "let go"])
async def test_a_step_that_does_not_hold_the_stop_is_cut_off_at_once(tmp_path, begins):
    async def waits():
        for each in begins:
            each()
        await asyncio.Event().wait()

    assert await one_life(tmp_path / "engine.db", waits) < AT_ONCE


async def test_a_request_that_is_never_answered_holds_the_stop_no_longer_than_its_grace(tmp_path):
    async def hangs():
        hold_stop()
        await asyncio.Event().wait()

    assert await one_life(tmp_path / "engine.db", hangs, grace=0.2) < AT_ONCE


async def test_a_stop_waits_for_the_answer_of_a_restore(tmp_path, monkeypatch):
    put_secrets(monkeypatch)
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        # Nothing shows it: after a lost answer its outcome stays unknown.
        stage.cloud.switches = replace(stage.cloud.switches, restore_trace="none")
        slow = {"kind": "latency", "method": "POST", "seconds": 1.0, "times": 1}
        async with loopback_client() as http:
            (await http.post(f"{stage.cloud_url}/_cloud/faults", json=slow)).raise_for_status()
        armed = asyncio.Event()
        async with stage.served(tmp_path / "data", lambda name: armed.set() if name == "armed" else None):
            async with asyncio.timeout(120):
                await armed.wait()
        stopped = await room.rows.get(record.id)
        async with stage.served(tmp_path / "data"):
            ended = await room.until(record.id)

    assert (stopped.state, stopped.progress) == (ChangeState.RUNNING, "IONOS accepted the request")
    assert "the bot was interrupted" not in ended.result
    assert "the cloud has accepted it" in ended.result
    assert len(stage.posts(cluster)) == 1

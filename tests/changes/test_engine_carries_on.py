"""The engine around a change: stopped in the middle and gone on with, started once, forgotten in the end."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from approved_change import approved_restore, put_secrets
from change_kit import TARGET
from crash_site import crash_site

from bot.changes.record import ChangeState
from bot.runtime.workflows.dbos import open_engine

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    put_secrets(monkeypatch)


async def test_a_bot_that_is_told_to_stop_goes_on_with_a_running_restore_after_its_next_start(tmp_path):
    async with crash_site(tmp_path) as site, site.stage.room(tmp_path / "data") as room:
        site.stage.cloud.durations = replace(site.stage.cloud.durations, restore=240)
        cluster = site.stage.clusters("v1")[0]
        record = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
        await room.says("bob", f"change approve {record.id}")
        first = await site.start(tmp_path / "data")
        await _says(room, record.id, "BUSY")
        code = await site.zygote.end_of(first, signal.SIGTERM)
        stopped = await room.rows.get(record.id)
        second = await site.start(tmp_path / "data")
        ended = await room.until(record.id)
        await room.told()
        await site.zygote.end_of(second, signal.SIGTERM)

    assert code == 0
    assert stopped.state is ChangeState.RUNNING
    assert ended.state is ChangeState.DONE
    assert len(site.stage.posts(cluster)) == 1
    assert len(_workflows(tmp_path)) == 1


async def _says(room, change_id, words):
    async with asyncio.timeout(120):
        while words not in (await room.rows.get(change_id)).progress:
            await asyncio.sleep(0.02)


def _workflows(folder):
    with closing(sqlite3.connect(folder / "data" / "engine.db")) as db:
        return db.execute("SELECT workflow_uuid, status FROM workflow_status").fetchall()


_SPEAKING = """
import asyncio, logging, pathlib, sys
from bot.runtime.logging import configure_logging
from bot.runtime.workflows.dbos import open_engine

async def main():
    configure_logging()
    async with open_engine(pathlib.Path(sys.argv[1]), {}):
        logging.getLogger("dbos").error("could not connect: password=canary-9 host=db")

asyncio.run(main())
"""


async def test_what_the_engine_logs_is_in_our_form_and_without_secrets(tmp_path):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SPEAKING, tmp_path / "engine.db", stderr=subprocess.PIPE
    )
    _, said = await child.communicate()
    events = [json.loads(line) for line in said.decode().splitlines()]

    assert child.returncode == 0
    assert [(each["level"], each["logger"]) for each in events] == [("error", "dbos")]
    assert "canary-9" not in said.decode()


async def test_two_starts_of_one_id_run_once(tmp_path):
    runs = []

    async def work(payload, steps):
        runs.append(payload["id"])

    async with open_engine(tmp_path / "engine.db", {"change": work}) as engine:
        await asyncio.gather(*(engine.start("change", "change:c-1", {"id": "c-1"}) for _ in range(5)))
        await _idle(engine)
        await engine.start("change", "change:c-1", {"id": "c-1"})
        await _idle(engine)

    assert runs == ["c-1"]


async def test_workflows_that_have_ended_are_forgotten_and_those_that_run_are_not(tmp_path):
    go_on = asyncio.Event()

    async def work(payload, steps):
        if payload["id"] == "c-2":
            await go_on.wait()

    async with open_engine(tmp_path / "engine.db", {"change": work}) as engine:
        for name in ("c-1", "c-2"):
            await engine.start("change", f"change:{name}", {"id": name})
        async with asyncio.timeout(120):
            while await engine.running() != {"change:c-2"}:
                await asyncio.sleep(0.01)
        early = await engine.prune(datetime.now(UTC) - timedelta(hours=1))
        late = await engine.prune(datetime.now(UTC) + timedelta(hours=1))
        left = await engine.running()
        go_on.set()
        await _idle(engine)

    assert (early, late, left) == (0, 1, {"change:c-2"})


async def test_an_idle_engine_names_a_workflow_as_soon_as_it_is_begun(tmp_path):
    go_on = asyncio.Event()

    async def work(payload, steps):
        await go_on.wait()

    async with open_engine(tmp_path / "engine.db", {"change": work}) as engine:
        idle = [await engine.running() for _ in range(2)]
        await engine.start("change", "change:c-1", {})
        running = await engine.running()
        go_on.set()
        await _idle(engine)

    assert (idle, running) == ([frozenset()] * 2, {"change:c-1"})


async def test_a_workflow_that_meets_a_bug_each_time_is_begun_again_ever_more_seldom(tmp_path):
    async with approved_restore(tmp_path) as (stage, _, record, cluster):
        met = []

        def at_point(name):
            if name == "acted" and len(met) < 5:
                met.append(name)
                raise RuntimeError("a bug of ours")

        with structlog.testing.capture_logs() as logged:
            async with stage.served(tmp_path / "data", at_point) as room:
                ended = await room.until(record.id)

    pauses = [each["next_seconds"] for each in logged if each["event"] == "change resumed"]
    assert (ended.state, len(stage.posts(cluster))) == (ChangeState.DONE, 1)
    assert pauses == [4, 8, 16, 32]


async def _idle(engine):
    async with asyncio.timeout(120):
        while await engine.running():
            await asyncio.sleep(0.01)


async def test_a_workflow_that_met_a_database_that_takes_nothing_is_begun_again(tmp_path):
    """A step that ends in an error ends its workflow; the change must not stay running for ever."""
    async with approved_restore(tmp_path) as (stage, room, record, cluster):
        locked = sqlite3.connect(
            tmp_path / "data" / "pgbot.db", isolation_level=None, check_same_thread=False
        )

        def at_point(name):
            # As a disk that is full: every write from here on fails, until there is room again.
            if name == "before arming" and not locked.in_transaction and not seen:
                seen.append(name)
                locked.execute("BEGIN EXCLUSIVE")

        seen = []
        with closing(locked):
            async with stage.served(tmp_path / "data", at_point):
                async with asyncio.timeout(120):
                    while not seen or not any(status == "ERROR" for _, status in _workflows(tmp_path)):
                        await asyncio.sleep(0.1)
                locked.execute("ROLLBACK")
                ended = await room.until(record.id)

    assert ended.state is ChangeState.DONE
    assert len(stage.posts(cluster)) == 1


@pytest.mark.parametrize("turns", [0, 1, 4])
async def test_a_workflow_that_begins_as_the_bot_stops_is_taken_up_by_the_next(tmp_path, turns):
    """The stop comes so many turns of the loop after the start."""
    taken = []

    async def work(payload, steps):
        await steps.run("step", lambda: note(payload))

    async def note(payload):
        taken.append(payload["id"])

    async with open_engine(tmp_path / "engine.db", {"change": work}) as engine:
        await engine.start("change", "change:c-1", {"id": "c-1"})
        for _ in range(turns):
            await asyncio.sleep(0)
    async with open_engine(tmp_path / "engine.db", {"change": work}) as engine:
        await _idle(engine)

    assert taken == ["c-1"]

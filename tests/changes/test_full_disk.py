"""A disk that is full for a while: work that the engine cannot record must not stop until the next start."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from approved_change import put_secrets
from crash_cases import HEAD, Case
from crash_site import crash_site
from full_disk import fill, free, freed_disk

from bot.runtime.workflows.dbos import open_engine

pytestmark = pytest.mark.anyio


async def _fills():
    fill()


async def _ends():
    pass


def _statuses(file):
    with closing(sqlite3.connect(file)) as db:
        return dict(db.execute("SELECT workflow_uuid, status FROM workflow_status").fetchall())


@pytest.mark.parametrize("in_step", [True, False], ids=["its step", "its end"])
async def test_a_workflow_whose_end_cannot_be_written_is_not_taken_for_one_that_runs(tmp_path, in_step):
    tasks = []

    async def work(payload, steps):
        tasks.append(asyncio.current_task())
        await steps.run("act", _fills if in_step else _ends)
        fill()

    with freed_disk():
        async with open_engine(tmp_path / "engine.db", {"change": work}) as engine:
            await engine.start("change", "change:c-1", {})
            async with asyncio.timeout(120):
                while not (tasks and tasks[0].done()):
                    await asyncio.sleep(0.01)
            assert tasks[0].exception() is not None
            free()
            left = _statuses(tmp_path / "engine.db")
            running = await engine.running()

    assert (left, running) == ({"change:c-1": "PENDING"}, frozenset())
    assert _statuses(tmp_path / "engine.db") == {"change:c-1": "CANCELLED"}


async def test_a_workflow_that_ends_as_it_should_is_never_taken_for_one_that_could_not(tmp_path):
    """Between its last step and the record of its end there is a moment in which it still runs."""

    async def work(payload, steps):
        await steps.run("act", _ends)

    names = [f"change:c-{number}" for number in range(20)]
    async with open_engine(tmp_path / "engine.db", {"change": work}) as engine:
        for name in names:
            await engine.start("change", name, {})
        async with asyncio.timeout(120):
            while await engine.running():
                await asyncio.sleep(0)

    assert _statuses(tmp_path / "engine.db") == dict.fromkeys(names, "SUCCESS")


POINTS = ("claimed", "started", "before arming", "armed", "sent", "acted", "watched", "milestone posted")


async def test_no_full_disk_strands_loses_or_doubles_a_restore(tmp_path, monkeypatch):
    put_secrets(monkeypatch)
    async with crash_site(tmp_path) as site:
        outcomes = await site.run_all([Case((), "v1", full=point) for point in POINTS])

    print(HEAD, *(outcome.row() for outcome in outcomes), sep="\n")  # noqa: T201 - to see where it was full
    assert [outcome.row() for outcome in outcomes if outcome.wrong] == []

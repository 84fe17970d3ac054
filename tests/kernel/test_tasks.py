"""Background work is held, its errors are logged, and it is drained before the end."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.tasks import Tasks

pytestmark = pytest.mark.anyio


async def test_drain_waits_for_what_runs():
    tasks, go, done = Tasks(), asyncio.Event(), []

    async def work():
        await go.wait()
        done.append(True)

    tasks.start(work(), "work")
    asyncio.get_running_loop().call_soon(go.set)

    assert await tasks.drain(5) == 0
    assert done == [True]
    assert len(tasks) == 0


async def test_drain_cancels_what_takes_too_long_and_says_how_much():
    tasks = Tasks()
    tasks.start(asyncio.Event().wait(), "for ever")

    assert await tasks.drain(0.01) == 1


async def test_drain_ends_endless_work_at_once_and_does_not_count_it():
    tasks, ended = Tasks(), []

    async def endless():
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    tasks.start(endless(), "endless", endless=True)
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        assert await tasks.drain(3_600) == 0
    assert ended == [True]
    assert len(tasks) == 0


async def test_an_error_that_nobody_caught_is_logged_with_the_task():
    tasks = Tasks()

    async def broken():
        raise ValueError("lost?")

    with capture_logs() as logs:
        tasks.start(broken(), "broken")
        await tasks.drain(5)

    assert [(each["event"], each["task"]) for each in logs] == [("background task failed", "broken")]

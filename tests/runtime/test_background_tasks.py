"""Background work is held, its errors are logged, and it is drained before the end."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.domain.errors import PgbotError, StoreError
from bot.runtime.background_tasks import Tasks

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

    async with asyncio.timeout(60):
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


async def failing(error):
    raise error


async def in_need_of(tasks, error):
    """Wait until endless work fails with this error."""
    async with asyncio.timeout(60), tasks.needed():
        tasks.start(failing(error), "homes", endless=True)
        await asyncio.Event().wait()


async def test_what_needs_endless_work_is_cut_off_with_its_error():
    with pytest.raises(StoreError, match="No room"):
        await in_need_of(Tasks(), StoreError("No room."))

    assert asyncio.current_task().cancelling() == 0


async def test_a_failure_that_nobody_foresaw_is_logged_and_said_in_a_sentence():
    with capture_logs() as logs, pytest.raises(PgbotError) as caught:
        await in_need_of(Tasks(), ValueError("canary"))

    assert "has failed (homes); its log has the details" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert [(each["event"], each["task"]) for each in logs] == [("background task failed", "homes")]


@pytest.mark.parametrize("rounds", [1, 2], ids=["at once", "before"])
async def test_a_failure_that_comes_first_is_said_as_well(rounds):
    tasks = Tasks()
    tasks.start(failing(StoreError("No room.")), "store", endless=True)
    for _ in range(rounds):
        await asyncio.sleep(0)

    with pytest.raises(StoreError):
        async with tasks.needed():
            pass

    await asyncio.sleep(0)
    assert asyncio.current_task().cancelling() == 0


async def test_other_work_that_fails_cuts_nothing_off_and_neither_does_an_endless_one_that_is_stopped():
    tasks = Tasks()

    async with tasks.needed():
        tasks.start(failing(StoreError("No room.")), "one of many")
        endless = tasks.start(asyncio.Event().wait(), "endless", endless=True)
        await asyncio.sleep(0)
        endless.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_who_is_cancelled_while_all_is_well_is_cancelled():
    tasks = Tasks()

    async def body():
        async with tasks.needed():
            await asyncio.Event().wait()

    task = asyncio.create_task(body())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task

"""Time that stands still until it is advanced."""

import asyncio
from datetime import timedelta

import pytest
from workflow_kit import is_awaited

from bot.demo.virtual_clock import VirtualClock

pytestmark = pytest.mark.anyio


async def test_a_wait_counts_from_the_call_and_not_from_when_its_task_first_runs():
    clock = VirtualClock()
    waiting = asyncio.ensure_future(clock.sleep(2))
    clock.advance(timedelta(seconds=1))
    await asyncio.sleep(0)
    clock.advance(timedelta(seconds=1))
    await asyncio.sleep(0)

    assert waiting.done()


async def test_who_gives_up_is_no_longer_waited_for():
    clock = VirtualClock()
    waiting = asyncio.ensure_future(clock.sleep(2))
    assert is_awaited(clock)

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not is_awaited(clock)


async def test_a_running_clock_wakes_by_itself():
    async with asyncio.timeout(60):
        await VirtualClock(running=True).sleep(0.01)

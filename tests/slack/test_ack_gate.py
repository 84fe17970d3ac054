"""Acks go before work: what a delivery starts waits for those that are still on their way to theirs."""

import anyio
import pytest

from bot.slack.ack_gate import AckGate

pytestmark = pytest.mark.anyio


async def test_work_waits_for_every_delivery_that_is_on_its_way():
    on_their_way, happened = AckGate(patience=60, grace=0), []

    async def deliver(name, go_on):
        with on_their_way.one():
            await go_on.wait()
        happened.append(f"ack {name}")

    async def work():
        await on_their_way.over()
        happened.append("work")

    first, second = anyio.Event(), anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deliver, "first", first)
        tasks.start_soon(deliver, "second", second)
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(work)
        first.set()
        await anyio.wait_all_tasks_blocked()
        assert happened == ["ack first"]
        second.set()

    assert happened == ["ack first", "ack second", "work"]


async def test_it_waits_for_nothing_where_nothing_comes_and_not_for_ever():
    on_their_way = AckGate(patience=0)
    await on_their_way.over()

    with on_their_way.one():
        await on_their_way.over()


async def test_a_delivery_that_fails_is_on_its_way_no_more():
    on_their_way = AckGate()
    with pytest.raises(OSError, match="full"), on_their_way.one():
        raise OSError("full")

    with anyio.fail_after(5):
        await on_their_way.over()

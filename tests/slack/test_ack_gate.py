"""Acks go before work: the work of a delivery waits until every delivery is acked."""

import anyio
import pytest

from bot.slack.gateway import AckGate

pytestmark = pytest.mark.anyio


async def test_work_waits_for_every_delivery_that_is_not_acked():
    gate, happened = AckGate(longest_wait=60, grace=0), []

    async def deliver(name, go_on):
        with gate.taking_in():
            await go_on.wait()
        happened.append(f"ack {name}")

    async def work():
        await gate.wait()
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


async def test_it_waits_for_nothing_without_deliveries_and_not_for_ever():
    gate = AckGate(longest_wait=0)
    await gate.wait()

    with gate.taking_in():
        await gate.wait()


async def test_a_delivery_that_fails_holds_nothing_back():
    gate = AckGate()
    with pytest.raises(OSError, match="full"), gate.taking_in():
        raise OSError("full")

    with anyio.fail_after(120):
        await gate.wait()

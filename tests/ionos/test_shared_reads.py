"""Readings of the fleet that simultaneous callers share: at most two for any number, and none older than the
question."""

import asyncio

import pytest

from bot.ionos.read_cache import SharedReads

pytestmark = pytest.mark.anyio


class Readings:
    """Counts readings; one ends when it is let go."""

    def __init__(self):
        self.begun, self.go_on = 0, asyncio.Event()

    async def __call__(self):
        self.begun += 1
        number = self.begun
        await self.go_on.wait()
        if number == 3:
            raise LookupError("nothing is there")
        return number


async def turn():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_asks_during_a_reading_gets_the_next_one_and_shares_it():
    shared, read = SharedReads(), Readings()
    first = asyncio.create_task(shared.get("clusters", read))
    await turn()
    later = [asyncio.create_task(shared.get("clusters", read)) for _ in range(50)]
    other = asyncio.create_task(shared.get("backups", read))
    await turn()
    read.go_on.set()

    assert await first == 1
    assert await other == 2
    with pytest.raises(LookupError):  # the third, which all the others share
        await later[0]
    assert {type(each) for each in await asyncio.gather(*later, return_exceptions=True)} == {LookupError}
    assert read.begun == 3
    assert await shared.get("clusters", read) == 4


async def test_one_who_stops_waiting_ends_nobody_else_s_reading():
    shared, read = SharedReads(), Readings()
    first = asyncio.create_task(shared.get("clusters", read))
    await turn()
    later = [asyncio.create_task(shared.get("clusters", read)) for _ in range(3)]
    await turn()
    for each in (first, later[0]):
        each.cancel()
    await turn()
    read.go_on.set()

    assert await asyncio.gather(*later[1:]) == [2, 2]


async def test_a_reading_that_nobody_waits_for_ends_and_the_next_question_reads_anew():
    shared, read = SharedReads(), Readings()
    asked = [asyncio.create_task(shared.get("clusters", read)) for _ in range(3)]
    await turn()
    for each in asked:
        each.cancel()
    await asyncio.gather(*asked, return_exceptions=True)
    read.go_on.set()

    assert await shared.get("clusters", read) == 2


async def test_who_waits_for_a_turn_holds_no_listing_and_gets_the_latest():
    shared, read = SharedReads(), Readings()
    read.go_on.set()
    turns = asyncio.Event()
    waiting = asyncio.create_task(shared.get("clusters", read, turns.wait))
    await turn()

    assert read.begun == 1
    assert await shared.get("clusters", read) == 2
    turns.set()
    assert await waiting == 2

"""Turns of commands: a bounded number at work, people in turn, and none lost whoever stops waiting."""

import asyncio
import random

import pytest

from bot.domain.errors import LimitReached
from bot.runtime.work_turns import WorkTurns, come_first, end_turn, take_turn

pytestmark = pytest.mark.anyio


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


class Office:
    """Commands that take turns, those that have one in the order in which they got it."""

    def __init__(self, most=1, **times):
        self.turns = WorkTurns(most, **times)
        self.began, self.told, self.working, self.most = [], [], 0, 0
        self.doors = {}

    def start(self, person, *, urgent=False):
        return asyncio.create_task(self._command(person, urgent))

    async def _command(self, person, urgent):
        async def busy(words):
            self.told.append((person, words))

        with self.turns.ticket(person, busy):
            if urgent:
                come_first()
            await take_turn()
            self.working += 1
            self.most = max(self.most, self.working)
            self.began.append(person)
            try:
                await self.doors.setdefault(person, asyncio.Event()).wait()
            finally:
                self.working -= 1

    def let_all_go(self):
        for each in self.began:
            self.doors[each].set()


async def test_people_are_served_in_turn_however_much_one_of_them_asks():
    office = Office()
    tasks = [office.start("alice") for _ in range(5)]
    await settle()
    tasks += [office.start("bob"), office.start("carol")]
    await settle()
    for _ in tasks:
        office.let_all_go()
        await settle()

    assert office.began[:3] == ["alice", "bob", "carol"]
    assert office.most == 1
    assert office.turns.depth == 0


async def test_what_decides_comes_before_what_only_reads():
    office = Office()
    tasks = [office.start(f"reader {number}") for number in range(6)]
    await settle()
    tasks.append(office.start("approver", urgent=True))
    await settle()
    for _ in tasks:
        office.let_all_go()
        await settle()

    assert office.began.index("approver") <= 2


async def test_a_turn_passes_on_when_its_command_waits_for_something_else():
    office = Office(longest=0.0)
    tasks = [office.start("alice"), office.start("bob")]
    await asyncio.gather(*(asyncio.sleep(0.01) for _ in tasks))

    assert office.began == ["alice", "bob"]
    office.let_all_go()
    await asyncio.gather(*tasks)


async def test_a_command_has_one_turn_for_all_its_readings_and_none_after_its_end():
    turns = WorkTurns(1)
    with turns.ticket("alice"):
        await asyncio.gather(take_turn(), take_turn())
        with turns.ticket("nobody"):
            await take_turn()
        end_turn()
        with turns.ticket("bob"):
            await take_turn()
    assert turns.depth == 0


async def test_who_would_wait_for_minutes_is_told_so_and_who_decides_is_not_sent_away():
    office = Office(seconds=10.0)
    tasks = [office.start(f"person {number}") for number in range(9)]
    await settle()
    late, urgent = office.start("late"), office.start("approver", urgent=True)
    await settle()
    health = await office.turns.check()

    assert office.told[0] == ("person 1", "The bot is busy, your turn is in about 10 seconds")
    with pytest.raises(LimitReached, match="your turn would be in about"):
        await tasks[6]
    assert health.why == f"{office.turns.depth} commands wait for their turn."
    assert (health.is_warning, health.figures) == (True, {"waiting": office.turns.depth})
    with pytest.raises(LimitReached):
        await late
    for _ in range(10):
        office.let_all_go()
        await settle()
    await urgent
    await asyncio.gather(*tasks, return_exceptions=True)  # the last of them were refused as well
    assert office.turns.depth == 0


@pytest.mark.parametrize("seed", range(20))
async def test_no_turn_is_lost_whoever_stops_waiting(seed):
    chance, office = random.Random(seed), Office(most=2)  # noqa: S311 - a test
    tasks = [office.start(f"person {chance.randrange(4)}", urgent=chance.random() < 0.2) for _ in range(30)]
    while not all(each.done() for each in tasks):
        if chance.random() < 0.4:
            chance.choice(tasks).cancel()
        if chance.random() < 0.6:
            office.let_all_go()
        for _ in range(chance.randrange(3)):
            await asyncio.sleep(0)

    assert office.most <= 2
    assert office.turns.depth == 0
    last = office.start("last")
    await settle()
    assert office.began[-1] == "last"
    last.cancel()

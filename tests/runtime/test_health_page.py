"""The page of /readyz: one key for each check, a reason for each that failed, and the status."""

import asyncio
from datetime import timedelta

import pytest

from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import StoreError
from bot.runtime.health_page import Health, HealthPage

pytestmark = pytest.mark.anyio


def page_of(seconds=5.0, **checks):
    page = HealthPage(VirtualClock(), seconds)
    for key, result in checks.items():

        async def check(result=result):
            if isinstance(result, Exception):
                raise result
            return result

        page.add(key, check)
    return page


async def test_it_is_ready_while_nothing_or_only_warnings_fail():
    page = page_of(slack=Health(), audit=Health("In doubt.", is_warning=True), queue=Health(figures={"n": 3}))

    whys = {"audit": "In doubt."}
    assert await page.read() == (True, {"slack": True, "audit": False, "queue": True, "n": 3, "why": whys})


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (Health("Away."), "Away."),
        (StoreError("The disk is full.", "Make room."), "The disk is full."),
        (KeyError("x"), "This check failed (KeyError); the bot's log says why."),
    ],
    ids=["failed", "refused", "broken"],
)
async def test_one_that_fails_is_named_and_the_others_are_still_shown(result, why):
    page = page_of(slack=Health(), database=result)

    assert await page.read() == (False, {"slack": True, "database": False, "why": {"database": why}})


async def test_one_that_hangs_holds_up_nobody():
    page = page_of(seconds=0.01, slack=Health())
    page.add("database", asyncio.Event().wait)

    is_ready, found = await page.read()

    assert (is_ready, found["slack"], found["database"]) == (False, True, False)


async def test_a_check_that_is_added_while_the_page_is_read_is_in_the_next_one():
    page = page_of(slack=Health())

    async def adding():
        page.add("engine", adding)
        return Health()

    page.add("database", adding)

    assert await page.read() == (True, {"slack": True, "database": True})
    assert (await page.read())[1]["engine"] is True


async def test_a_costly_check_is_made_once_for_all_who_ask_within_its_seconds():
    clock, made = VirtualClock(), []

    async def check():
        made.append(clock.now())
        await asyncio.sleep(0)
        return Health()

    page = HealthPage(clock)
    page.add("database", check, reuse_seconds=5.0)
    await asyncio.gather(*(page.read() for _ in range(20)))
    clock.advance(timedelta(seconds=4.9))
    await page.read()
    before = len(made)
    clock.advance(timedelta(seconds=0.1))
    await page.read()

    assert (before, len(made)) == (1, 2)

"""The progress of a long command, shown in the place of its answer."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import anyio
import pytest
from bot_site import bot_site
from form_kit import text_of

from bot.commands.listing_cache import KEEP_FOR
from bot.demo.http_client import loopback_client
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.response_urls import USES
from bot.runtime.work_turns import take_turn
from bot.slack.rate_limits import EDIT_SECONDS
from bot.slack.responder import FIRST, WAITS, WORKING, ProgressMessage

pytestmark = pytest.mark.anyio
ALICE, BOB = "U0ALICE", "U0BOB"
STATUS = "/pg migration status"


class Shown:
    """A record of the words shown, with their times; clear `go` to keep Slack from answering."""

    def __init__(self, clock):
        self.clock = clock
        self.said = []
        self.go = asyncio.Event()
        self.go.set()
        self.takes = True

    async def __call__(self, words, *, replace):
        await self.go.wait()
        self.said.append((self.clock.monotonic(), words, replace))
        return self.takes


async def pass_time(clock, seconds):
    """Advance the clock in small steps, so that every task that wakes can run."""
    for step in range(int(seconds * 2) + 1):
        clock.advance(timedelta(seconds=0.5 if step else 0))
        for _ in range(10):
            await asyncio.sleep(0)


async def test_what_is_done_in_time_is_not_explained():
    clock = VirtualClock()
    shown = Shown(clock)
    async with ProgressMessage(shown, clock) as progress:
        await progress("Looking")
        await pass_time(clock, FIRST - 0.5)
    await pass_time(clock, 60)

    assert shown.said == []
    assert not progress.is_shown


async def test_a_command_that_says_nothing_of_itself_is_at_work_all_the_same():
    clock = VirtualClock()
    shown = Shown(clock)
    async with ProgressMessage(shown, clock):
        await pass_time(clock, 60)

    assert shown.said == [(FIRST, f"{WORKING}…", False)]


async def test_the_latest_words_are_shown_in_place_not_too_often_and_not_after_the_end():
    clock = VirtualClock()
    shown = Shown(clock)
    async with ProgressMessage(shown, clock) as progress:
        for number in range(200):
            await progress(f"Looking at {number} of 200 clusters")
            await pass_time(clock, 0.5)
    await pass_time(clock, 60)

    times = [at for at, _, _ in shown.said]
    numbers = [int(words.split()[2]) for _, words, _ in shown.said]
    assert [replaced for _, _, replaced in shown.said] == [False, True, True]
    assert times[0] >= FIRST
    assert min(later - sooner for sooner, later in pairwise(times)) >= EDIT_SECONDS
    assert numbers == sorted(set(numbers))


def test_two_uses_of_the_address_are_left_for_taking_back_and_for_the_answer():
    assert len(WAITS) + 2 <= USES


async def test_words_on_their_way_arrive_before_the_answer():
    clock = VirtualClock()
    shown = Shown(clock)
    shown.go.clear()
    progress = ProgressMessage(shown, clock)
    await progress.__aenter__()
    await pass_time(clock, FIRST)
    leaving = asyncio.create_task(progress.__aexit__(None, None, None))
    await pass_time(clock, 1)
    left_early = leaving.done()
    shown.go.set()
    await leaving

    assert not left_early
    assert len(shown.said) == 1
    assert progress.is_shown


async def test_what_slack_refused_is_not_there_to_be_replaced():
    clock = VirtualClock()
    shown = Shown(clock)
    shown.takes = False
    async with ProgressMessage(shown, clock) as progress:
        await pass_time(clock, 3)
        await progress("Further")
        await pass_time(clock, 10)

    assert [replaced for _, _, replaced in shown.said] == [False, False]
    assert not progress.is_shown


class Held:
    """A cloud that holds back answers to some paths."""

    def __init__(self, site):
        self.site = site

    async def hold(self, path, **more):
        await self._handle("POST", json={"kind": "hang", "path": path} | more)

    async def let_go(self, number):
        """Release a held request by its number, counted from 1."""
        await self._handle("DELETE", f"/{number}")

    async def meets(self, number):
        """Wait until a request is held."""

        async def is_met():
            faults = await self._handle("GET")
            return any(each["id"] == number and each["met"] for each in faults)

        await until(is_met)

    async def _handle(self, method, path="", **more):
        async with loopback_client() as http:
            url = f"{self.site.demo.cloud_url}/_cloud/faults{path}"
            answer = await http.request(method, url, **more)
            return answer.raise_for_status().json() if answer.content else None


@pytest.fixture(params=["socket", "http"])
async def site(request, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode=request.param, clusters=90) as site:
        yield site


@pytest.fixture
async def http_site(tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch, mode="http") as site:
        yield site


async def seen_by(site, user, words, step=0):
    """Wait in steps of `step` seconds until a message contains the words, and return it."""

    async def saying():
        site.demo.clock.advance(timedelta(seconds=step))
        return await _saying(site, user, words)

    return await until(saying)


async def _saying(site, user, words):
    return next((each for each in await site.seen(user) if words in text_of(each)), None)


async def until(found):
    with anyio.fail_after(120):
        while not (thing := await found()):
            await anyio.sleep(0.01)
    return thing


async def test_a_long_look_says_where_it_is_and_its_answer_takes_that_place(site):
    cloud, clock = Held(site), site.demo.clock
    before = len(await private(site))
    await cloud.hold("/clusters")
    await site.slash(BOB, STATUS)
    await cloud.meets(1)
    clock.advance(timedelta(seconds=FIRST))
    reading = await seen_by(site, BOB, "Reading clusters")
    await cloud.hold("/clusters/*/databases", skip=50)
    await cloud.let_go(1)
    await cloud.meets(2)
    progress = await seen_by(site, BOB, "Checking cluster 50 of ", step=EDIT_SECONDS)
    await cloud.let_go(2)
    answer = await seen_by(site, BOB, "v1 clusters")
    await site.idle()

    assert reading["ephemeral"]
    assert reading["ts"] == progress["ts"] == answer["ts"]
    assert len(await private(site)) == before + 1
    assert await _saying(site, ALICE, "Looking at") is None


async def private(site):
    """Return what only this person sees: in the channel the bot also keeps state of its own."""
    return [each for each in await site.seen(BOB) if each["ephemeral"]]


async def test_an_answer_for_the_channel_stands_alone_there(http_site):
    site, cloud = http_site, Held(http_site)
    await cloud.hold("/clusters")
    await site.slash(BOB, "/pg cluster list orders --share")
    await cloud.meets(1)
    site.demo.clock.advance(timedelta(seconds=FIRST))
    await seen_by(site, BOB, WORKING)
    await cloud.let_go(1)
    await seen_by(site, ALICE, "orders-prod")
    await site.idle()

    assert await _saying(site, BOB, WORKING) is None


async def test_nothing_is_said_in_the_place_of_a_message_whose_button_was_pressed(http_site):
    site, cloud, clock = http_site, Held(http_site), http_site.demo.clock
    shown = await site.ask(BOB, "/pg cluster list orders")
    clock.advance(KEEP_FOR + timedelta(seconds=1))
    await cloud.hold("/clusters")
    pressed = await site.click(BOB, shown, "Share to channel")
    await cloud.meets(1)
    clock.advance(timedelta(seconds=FIRST + EDIT_SECONDS))
    await anyio.wait_all_tasks_blocked()
    meanwhile = await site.seen(BOB)
    await cloud.let_go(1)
    await seen_by(site, ALICE, "orders-prod")
    await site.idle()

    assert pressed["ok"], pressed
    assert next(each for each in meanwhile if each["ts"] == shown["ts"])["blocks"] == shown["blocks"]
    assert all(WORKING not in text_of(each) for each in meanwhile)


async def test_words_that_hurry_do_not_wait_for_the_first_message():
    clock = VirtualClock()
    shown = Shown(clock)
    async with ProgressMessage(shown, clock) as progress:
        await progress.show_now("Busy")
        await pass_time(clock, 0)
        await progress("Reading")
        await pass_time(clock, EDIT_SECONDS)

    assert [(words, replaced) for _, words, replaced in shown.said] == [("Busy…", False), ("Reading…", True)]


async def test_who_has_to_wait_for_a_turn_is_told_at_once_and_answered_in_that_place(http_site):
    turns, done = http_site.bot.kernel.dispatcher.turns, asyncio.Event()

    async def work(person):
        with turns.ticket(person):
            await take_turn()
            await done.wait()

    others = [asyncio.create_task(work(f"person {number}")) for number in range(60)]
    outcome = await http_site.slash(BOB, "/pg cluster list orders")
    busy = await seen_by(http_site, BOB, "The bot is busy, your turn is in about")
    done.set()
    answer = await seen_by(http_site, BOB, "AVAILABLE")
    await asyncio.gather(*others)

    assert outcome["ok"], outcome
    assert answer["ts"] == busy["ts"]
    assert turns.depth == 0

"""The inbox keeps itself tidy on its clock, and knows how long ago the last delivery came."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.commands.interrupted import UnansweredDelivery
from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import StoreError
from bot.domain.redaction import make_storable
from bot.domain.request import Actor, Invocation, Origin
from bot.slack.inbox import KEEP, TIDY_SECONDS, Inbox

pytestmark = pytest.mark.anyio


class Rows:
    """A store that records its calls, and fails when told to."""

    def __init__(self):
        self.fails = False
        self.asked = []
        self.added = {}

    def _ask(self, what, *details):
        self.asked.append((what, *details))
        if self.fails:
            raise StoreError("The disk is full.")

    async def add(self, row, at):
        self._ask("add", at)
        self.added = row
        return True

    async def answer(self, key, at):
        self._ask("answer", key)

    async def forget(self, before, after):
        self._ask("forget", before)
        return 0


@pytest.fixture
def rows():
    return Rows()


@pytest.fixture
def clock():
    return VirtualClock()


async def test_the_age_of_the_last_delivery_is_known(rows, clock):
    inbox = Inbox(rows, clock)
    before = (await inbox.check()).figures
    actor = Actor(origin=Origin.SLACK, id="U0BOB", team="T0DEMO")
    delivery = Invocation(key="k", trace="t", actor=actor, channel="C0OPS", text="help", at=clock.now())
    await inbox.accept(delivery)
    clock.advance(timedelta(seconds=90))

    assert (before, (await inbox.check()).figures) == (
        {"last_delivery_seconds": None},
        {"last_delivery_seconds": 90},
    )


async def test_it_is_tidied_at_once_and_every_hour_also_after_a_failure(rows, clock):
    inbox = Inbox(rows, clock)
    start = clock.now()
    task = asyncio.create_task(inbox.keep_tidy())
    rows.fails = True
    with capture_logs() as logs:
        await asyncio.sleep(0)
        rows.fails = False
        for _ in range(3):
            clock.advance(timedelta(seconds=TIDY_SECONDS))
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    hour = timedelta(hours=1)
    assert rows.asked == [("forget", start - KEEP + number * hour) for number in range(4)]
    assert [each["event"] for each in logs] == ["inbox not tidied"]


async def test_whatever_is_delivered_can_be_stored(rows, clock):
    actor = Actor(origin=Origin.SLACK, id="U\udc00")
    delivery = Invocation(
        key="k\ud800", trace="t", actor=actor, channel="C\ud800", text="a \ud800 b", at=clock.now()
    )
    inbox = Inbox(rows, clock)

    await inbox.accept(delivery)
    await inbox.answered(delivery.key)

    assert rows.added == {
        "key": "k?",
        "trace": "t",
        "team": "",
        "actor": "U?",
        "channel": "C?",
        "text": "a ? b",
    }
    assert rows.asked[-1] == ("answer", "k?")


def test_what_is_stored_holds_no_secret():
    assert make_storable("xoxb-1-canary 🔥") == "[hidden] 🔥"


@pytest.mark.parametrize(
    ("began", "ended", "cut_off"),
    [
        (None, None, False),
        ("accepted", None, True),
        ("accepted", "ok", False),
        ("accepted", "cut off", False),
        ("denied", None, False),
    ],
)
def test_cut_off_is_what_began_and_has_no_end(began, ended, cut_off):
    left = UnansweredDelivery(key="k", trace="t", user="U1", channel="C1", text="x", began=began, ended=ended)

    assert left.is_cut_off is cut_off

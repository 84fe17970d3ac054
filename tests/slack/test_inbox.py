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
from bot.runtime.database.columns import time_to_text
from bot.runtime.database.database import SqliteDatabase
from bot.slack.inbox import KEEP, TIDY_SECONDS, Inbox

pytestmark = pytest.mark.anyio


class Database:
    """A database that records the arguments of its statements, and fails when told to."""

    def __init__(self):
        self.fails = False
        self.written = []

    async def write(self, work):
        work(self)
        if self.fails:
            raise StoreError("The disk is full.")

    def execute(self, _statement, values):
        self.written.append(values)


@pytest.fixture
async def database(tmp_path):
    database = SqliteDatabase(tmp_path / "pgbot.db")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def clock():
    return VirtualClock()


async def test_the_age_of_the_last_delivery_is_known(database, clock):
    inbox = Inbox(database, clock)
    before = (await inbox.check()).figures
    actor = Actor(origin=Origin.SLACK, id="U0BOB", team="T0DEMO")
    delivery = Invocation(key="k", trace="t", actor=actor, channel="C0OPS", text="help", at=clock.now())
    await inbox.accept(delivery)
    clock.advance(timedelta(seconds=90))

    assert (before, (await inbox.check()).figures) == (
        {"last_delivery_seconds": None},
        {"last_delivery_seconds": 90},
    )


async def test_it_is_tidied_at_once_and_every_hour_also_after_a_failure(clock):
    database = Database()
    inbox = Inbox(database, clock)
    start = clock.now()
    task = asyncio.create_task(inbox.keep_tidy())
    database.fails = True
    with capture_logs() as logs:
        await asyncio.sleep(0)
        database.fails = False
        for _ in range(3):
            clock.advance(timedelta(seconds=TIDY_SECONDS))
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    hour = timedelta(hours=1)
    before = [time_to_text(start - KEEP + number * hour) for number in range(4)]
    assert [values[0] for values in database.written] == before
    assert [each["event"] for each in logs] == ["inbox not tidied"]


async def test_whatever_is_delivered_can_be_stored(database, clock):
    actor = Actor(origin=Origin.SLACK, id="U\udc00")
    delivery = Invocation(
        key="k\ud800", trace="t", actor=actor, channel="C\ud800", text="a \ud800 b", at=clock.now()
    )
    inbox = Inbox(database, clock)

    await inbox.accept(delivery)
    (left,) = await inbox.unanswered()
    await inbox.answered(delivery.key)

    assert left == UnansweredDelivery(key="k?", trace="t", user="U?", channel="C?", text="a ? b")
    assert await inbox.unanswered() == []


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

"""A crash between the ack and the answer: the person is told, once, and nothing runs again."""

from datetime import timedelta

import anyio
import anyio.lowlevel
import pytest
from bot_site import bot_site

from bot.demo.clock import VirtualClock
from bot.domain import Actor, Invocation, Origin
from bot.inbox import KEEP, Inbox
from bot.store.database import Database
from bot.store.inbox import InboxRows

pytestmark = pytest.mark.anyio


def delivery(clock, key, text="cluster list", user="U0BOB"):
    actor = Actor(origin=Origin.SLACK, id=user, team="T0DEMO")
    return Invocation(key=key, trace=f"t-{key}", actor=actor, channel="C0OPS", text=text, at=clock.now())


@pytest.fixture
async def left_behind(tmp_path):
    """What an earlier process took in and did not answer."""
    database = Database(tmp_path / "data" / "pgbot.db")
    await database.open()
    clock = VirtualClock()
    inbox = Inbox(InboxRows(database), clock)
    await inbox.accept(delivery(clock, "answered"))
    await inbox.answered("answered")
    await inbox.accept(delivery(clock, "cut off"))
    await database.close()


async def direct_messages(site, user):
    channels = (await site.http.get("/_workspace/channels", params={"user": user})).json()["channels"]
    direct = next(channel["id"] for channel in channels if channel["kind"] == "im")
    return await site.seen(user, direct)


async def test_who_was_cut_off_is_told_by_direct_message(left_behind, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        (message,) = await direct_messages(site, "U0BOB")

        assert "restarted before it could answer “cluster list”" in message["text"]
        assert site.audit() == []

    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        await anyio.lowlevel.checkpoint()
        assert await direct_messages(site, "U0BOB") == []


async def test_the_button_runs_it_again(left_behind, tmp_path, monkeypatch):
    async with bot_site(tmp_path, monkeypatch) as site:
        await site.idle()
        channels = (await site.http.get("/_workspace/channels", params={"user": "U0BOB"})).json()["channels"]
        direct = next(channel["id"] for channel in channels if channel["kind"] == "im")
        (message,) = await site.seen("U0BOB", direct)

        await site.click("U0BOB", message, "Run it again", direct)
        await site.idle()

        assert site.audit()[-1]["outcome"] == "ok"


async def test_the_inbox_recognises_a_delivery_and_forgets_it_after_a_day(tmp_path):
    database = Database(tmp_path / "pgbot.db")
    await database.open()
    clock = VirtualClock()
    inbox = Inbox(InboxRows(database), clock)

    assert await inbox.accept(delivery(clock, "one"))
    assert not await inbox.accept(delivery(clock, "one"))
    await inbox.answered("one")
    clock.advance(KEEP - timedelta(seconds=1))
    assert await inbox.tidy() == 0
    clock.advance(timedelta(seconds=2))
    assert await inbox.tidy() == 1
    assert await inbox.accept(delivery(clock, "one"))
    await database.close()


async def test_an_unanswered_delivery_is_never_forgotten(tmp_path):
    database = Database(tmp_path / "pgbot.db")
    await database.open()
    clock = VirtualClock()
    inbox = Inbox(InboxRows(database), clock)
    await inbox.accept(delivery(clock, "one", text="show xoxb-1-canary"))
    clock.advance(KEEP * 10)

    assert await inbox.tidy() == 0
    (left,) = await inbox.unanswered()
    assert left.text == "show [hidden]"
    await database.close()

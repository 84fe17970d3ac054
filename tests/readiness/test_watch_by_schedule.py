"""The watch as a report: each cluster that moves is in one message, also when the bot is killed anywhere."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from migration_site import migrate, reported_clusters
from one_contract import SETTINGS
from report_kit import Killed, Posts, make_runner, settings_with
from terminal_site import terminal_site

from bot.demo.cloud.records import Phase
from bot.domain.reply import Mention
from bot.domain.reply_text import render_plain
from bot.programs.kernel import open_kernel

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
WATCH = """reports:
  - {name: watch, command: migration watch, when: every hour, channel: C0OPS, owner: U0BOB, late: run}
"""
POINTS = (
    *("before slots", "slots made", "before claiming", "claimed", "started", "making"),
    *("before posting", "posting recorded", "threaded", "made"),
)


class Kill:
    """A hook that ends the process at the nth pass of a point."""

    def __init__(self, point, number):
        self.point, self.left = point, number

    def __call__(self, point):
        self.left -= point == self.point
        if self.left == 0 and point == self.point:
            raise Killed


def said(posts):
    """Return how often each cluster is in the news; details added twice to one message count once."""
    found = Counter()
    for top in (each for each in posts.messages if not each["thread"]):
        thread = [each["reply"] for each in posts.messages if each["thread"] == top["ts"]]
        found.update({name for reply in thread for name, _ in reported_clusters(reply)})
    return found


@pytest.fixture
async def site(tmp_path, monkeypatch):
    settings = settings_with(tmp_path, WATCH, SETTINGS)
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        yield terminal


def moving(terminal):
    there = [each for each in terminal.cloud.everything() if each.api == "v1" and each.network]
    return [each.name for each in there if each.phase is Phase.AVAILABLE][:6]


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_anywhere_loses_no_news_and_repeats_none(site, point):
    kernel, posts, names = site.kernel, Posts(), moving(site)
    at = make_runner(kernel, posts)
    await at.look()
    kernel.clock.advance(HOUR)
    await at.look()
    at = make_runner(kernel, posts, at_point=Kill(point, 1))
    migrate(site, *names[:2])
    kernel.clock.advance(HOUR)
    with pytest.raises(Killed):
        await at.look()
    for task in at.engine.tasks:  # Running tasks die with the process.
        task.cancel()
    await asyncio.gather(*at.engine.tasks, return_exceptions=True)
    await kernel.database.close()

    async with open_kernel(kernel.setup, kernel.clock) as restarted:
        at = make_runner(restarted, posts, pending=at.engine.pending)
        await at.look()
        migrate(site, *names[2:])
        for _ in range(3):
            kernel.clock.advance(HOUR)
            await at.look()

    assert said(posts) == Counter(names)


async def test_a_channel_that_takes_nothing_for_a_while_gets_the_news_when_it_does(site):
    kernel, names = site.kernel, moving(site)
    at = make_runner(kernel)
    await at.look()
    kernel.clock.advance(HOUR)
    await at.look()
    migrate(site, *names)
    at.posts.refuse["C0OPS"] = "service_unavailable"
    kernel.clock.advance(HOUR)
    await at.look()
    assert said(at.posts) == Counter()
    del at.posts.refuse["C0OPS"]
    for _ in range(3):
        kernel.clock.advance(HOUR)
        await at.look()

    assert said(at.posts) == Counter(names)


async def test_the_owner_is_mentioned_with_the_news_and_an_hour_later_nothing_is_called_gone(site):
    kernel = site.kernel
    at = make_runner(kernel)
    await at.look()
    kernel.clock.advance(HOUR)
    await at.look()
    migrate(site, "orders-prod")
    kernel.clock.advance(HOUR)
    await at.look()
    kernel.clock.advance(HOUR)
    await at.look()

    news, after = at.posts.tops("C0OPS")[-2:]
    assert "1 cluster appeared in v2" in news.title
    assert "New under “Appeared in v2”: orders-prod." in render_plain(news)
    assert [part.people for part in news.parts if isinstance(part, Mention)] == [("U0ALICE",)]
    assert "orders-prod" not in render_plain(after)


async def test_the_audit_log_has_it_under_the_name_of_the_report(site):
    at = make_runner(site.kernel)
    await at.look()
    site.kernel.clock.advance(HOUR)
    await at.look()

    rows = [row for row in await site.audit() if row["command"] == "migration watch"]
    assert [(row["kind"], row["actor"], row["channel"]) for row in rows] == [
        ("invocation", "schedule:watch", "C0OPS"),
        ("outcome", "schedule:watch", "C0OPS"),
    ]

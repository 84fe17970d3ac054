"""Many reports due in the same minute: all arrive, at Slack's pace, and the cloud is asked once."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import anyio
import pytest
from bot_site import bot_site
from one_contract import SETTINGS
from report_kit import report_line, settings_with

from bot.demo.workspace.conversation import Channel
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.rates import Rates

pytestmark = pytest.mark.anyio
REPORTS = 100
CHANNELS = [f"C0TEAM{number}" for number in range(5)]
EACH = 2 * REPORTS // len(CHANNELS)
"""Messages in each channel: every report has its details in a thread."""
COMMANDS = ["cluster list", "backup list", "version list"]


@pytest.fixture
async def site(tmp_path, monkeypatch):
    """Run a bot that has seen its hundred reports, due in an hour; Slack accepts a message a second a
    channel."""
    lines = "".join(
        report_line(f"r{n}", command=COMMANDS[n % len(COMMANDS)], channel=CHANNELS[n % len(CHANNELS)])
        for n in range(REPORTS)
    )
    settings = settings_with(tmp_path, f"reports:\n{lines}", SETTINGS)
    async with bot_site(tmp_path, monkeypatch, settings=settings) as site:
        workspace = site.demo.workspace
        workspace.rates = Rates(site.demo.clock, enforced=True)
        for channel in CHANNELS:
            workspace.add_channel(Channel(id=channel, name=channel.lower(), members={BOT_USER, "U0BOB"}))
        with anyio.fail_after(120):
            while len(await reports(site).rows.standings()) < REPORTS:
                await anyio.sleep(0.02)
        yield site


def reports(site):
    return site.bot.kernel.dispatcher.reports


def asked(site):
    """Return the number of calls to the cloud by route."""
    rows = site.demo.cloud.calls.rows()
    return Counter({(row["api"], row["region"], row["method"], row["path"]): row["count"] for row in rows})


async def scheduled_rows(site):
    """Return how many rows schedules have in the audit log."""
    database = site.bot.kernel.database
    return await database.read(lambda db: db["audit"].count_where("actor LIKE 'schedule:%'"))


def arrived(site, channel):
    """Return all messages of a channel in their order, including threads."""
    return list(site.demo.workspace.channels[channel].messages.values())


def messages(site, channel):
    """Return the messages of the channel with their authors, in order, without its threads."""
    return [each for each in arrived(site, channel) if not each.thread_ts]


def posts(site):
    """Return how often something was posted to the reports' channels, taken by Slack or not."""
    return sum(
        name == "chat.postMessage" and given["channel"] in CHANNELS
        for name, given in site.demo.workspace.calls
    )


async def test_a_hundred_reports_of_one_minute_all_arrive_and_look_at_the_cloud_once(site):
    fleet, before = site.bot.kernel.fleet, asked(site)
    for look in (fleet.sightings, fleet.all_backups, fleet.versions):
        await look()
    one_look = asked(site) - before
    before = asked(site)
    await fleet.probe()
    for_the_time = asked(site) - before
    before = asked(site)

    site.demo.clock.advance(timedelta(hours=1))
    # The bot may still be at its first look, and the next one is due in five seconds, which do not pass.
    reports(site).waker()
    with anyio.fail_after(120):
        # Until all are made no time passes, as the making takes none to speak of.
        while await scheduled_rows(site) < 2 * REPORTS:
            await anyio.sleep(0.02)
        # A second passes only when what it let go has arrived everywhere, so that no message is on its way
        # while time goes on, however slow the machine is.
        for number in range(1, EACH + 1):
            while any(len(arrived(site, channel)) < number for channel in CHANNELS):
                await anyio.sleep(0.02)
            site.demo.clock.advance(timedelta(seconds=1))
        while await reports(site).rows.open_slots():
            await anyio.sleep(0.02)

    # After an hour in which nobody has said what time it is, they are asked for that, too.
    assert asked(site) - before - one_look in (Counter(), for_the_time)
    for channel in CHANNELS:
        names = Counter(each.text.partition(":")[0] for each in messages(site, channel))
        assert names == Counter(
            {f"r{n}": 1 for n in range(REPORTS) if CHANNELS[n % len(CHANNELS)] == channel}
        )
    assert posts(site) == 2 * REPORTS  # Slack has refused none
    for channel in CHANNELS:
        times = [float(each.ts) for each in arrived(site, channel)]
        assert len(times) == EACH
        assert min(later - earlier for earlier, later in pairwise(times)) >= 0.999

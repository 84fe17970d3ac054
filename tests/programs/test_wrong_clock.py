"""The whole bot on a machine whose clock is wrong: it says so, nothing expires, no report is lost."""

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import anyio
import pytest
from bot_site import OPS, bot_site
from one_contract import SETTINGS
from wrong_clock import WrongClock
from yaml_files import read_yaml, write_yaml

from bot.changes.record import ChangeState
from bot.demo.http_client import loopback_client
from bot.programs.check_program import examine

pytestmark = pytest.mark.anyio
ALICE, BOB = "U0ALICE", "U0BOB"
DAY = 86_400.0
TEN_YEARS = 3_653 * DAY
REPORT = {
    "name": "hourly",
    "command": "version list",
    "when": "every hour",
    "channel": OPS,
    "owner": BOB,
    "late": "run",
}
"""The simulators' clock begins at nine o'clock."""


class Machine:
    """The bot's machine, and what people and probes see of the bot on it."""

    def __init__(self, site, clock):
        self.site, self.clock, self.demo = site, clock, site.demo

    async def ready(self):
        async with loopback_client(base_url=self.site.bot.url) as http:
            answer = await http.get("/readyz")
        return answer.status_code, answer.json()

    async def until(self, look):
        """Let the bot work, without any time passing, until `look` returns something; return that."""
        with anyio.fail_after(120):
            while not (found := await look()):
                await anyio.sleep(0.01)
        return found

    async def pass_time(self, seconds, step=1.0):
        """Let time pass, slowly enough for the bot to look at it."""
        while seconds > 0:
            self.demo.clock.advance(timedelta(seconds=min(step, seconds)))
            seconds -= step
            await anyio.sleep(0.02)

    async def says(self, words, *, count=1):
        """Wait until the channel has a message with these words."""

        async def look():
            texts = [each["text"] for each in await self.site.seen(BOB)]
            return len([text for text in texts if words in text]) >= count

        await self.until(look)

    async def rows(self, outcome):
        async def look():
            return [
                each for each in self.site.audit() if (each["kind"], each["outcome"]) == ("clock", outcome)
            ]

        return await self.until(look)

    async def slots(self):
        database = self.site.bot.kernel.database
        query = "SELECT at, state FROM report_slots WHERE report = 'hourly' ORDER BY at"
        return await database.read(lambda db: [(row["at"][11:16], row["state"]) for row in db.query(query)])

    async def is_planned(self):
        """Return whether the report is known, unless the clock is in doubt."""
        known = await self.site.bot.kernel.dispatcher.reports.rows.standings()
        return known or self.site.bot.kernel.clock.machine_doubt

    async def made(self, *times):
        """Wait until the report was made at these times and no other; posting takes some time."""

        async def look():
            self.demo.clock.advance(timedelta(seconds=0.1))
            return await self.slots() == [(each, "made") for each in times]

        await self.until(look)

    async def proposes(self, cluster="orders-prod"):
        """Propose a restore; return the change."""
        await self.site.ask(ALICE, f"/pg restore {cluster} --to 2h --reason test")
        changes = self.site.bot.kernel.dispatcher.changes.rows
        (found,) = await changes.in_states([ChangeState.PROPOSED])
        return found

    async def state(self, change):
        return (await self.site.bot.kernel.dispatcher.changes.rows.get(change.id)).state.value


@asynccontextmanager
async def machine(
    tmp_path, monkeypatch, *, ahead=0.0, mode="socket", cloud_date=True, slack_ahead=0.0, later=0
):
    clocks = []

    def make(world):
        clocks.append(WrongClock(world, ahead))
        return clocks[0]

    document = read_yaml(SETTINGS)
    document["reports"] = [REPORT]
    settings = tmp_path / "app.yaml"
    write_yaml(settings, document)

    def prepare(demo):
        demo.clock.advance(timedelta(seconds=later))
        if not cloud_date:
            demo.cloud.wire_clock = None
        demo.workspace.wire_clock = WrongClock(demo.clock, slack_ahead)

    async with bot_site(
        tmp_path, monkeypatch, mode=mode, settings=settings, machine=make, prepare=prepare
    ) as site:
        bot = Machine(site, clocks[0])
        await bot.until(bot.is_planned)
        yield bot


@pytest.mark.parametrize("ahead", [400.0, -400.0])
async def test_signed_commands_are_answered_by_the_servers_time_and_the_clock_is_told_of(
    tmp_path, monkeypatch, ahead
):
    async with machine(tmp_path, monkeypatch, ahead=ahead, mode="http") as bot:
        way = "ahead of" if ahead > 0 else "behind"
        words = f"This machine's clock is 400 s {way} Slack's and IONOS's."
        status, page = await bot.ready()
        answer = await bot.site.ask(BOB, "/pg whoami")
        await bot.says(words)
        (row,) = await bot.rows("in doubt")

        assert (status, page["clock"], page["why"]) == (200, False, {"clock": words})
        assert (page["clock_ahead_of_slack_seconds"], page["clock_ahead_of_ionos_seconds"]) == (ahead, ahead)
        assert "You are bob" in answer["text"]
        assert row["detail"] == words

        bot.clock.ahead = 0.0
        await bot.pass_time(2)
        await bot.says("This machine's clock is right again.")

        assert await bot.rows("right again")
        assert (await bot.ready())[1]["clock"] is True


async def test_commands_that_cannot_be_checked_are_refused_and_readyz_says_by_how_much(tmp_path, monkeypatch):
    async with machine(tmp_path, monkeypatch, ahead=400.0, mode="http", cloud_date=False) as bot:
        before, _ = await bot.ready()
        refused = [await bot.site.slash(BOB, "/pg whoami") for _ in range(3)]
        status, page = await bot.ready()

        assert (before, [each["ok"] for each in refused]) == (200, [False] * 3)
        assert (status, page["signatures"], page["requests_refused_for_age"]) == (503, False, 3)
        words = "by the time in them, this machine's clock is 400 s ahead of Slack's."
        assert page["why"]["signatures"] == f"The last 3 signed requests had to be refused: {words}"
        assert page["last_signed_request_seconds"] is None

        bot.clock.ahead = 0.0
        await bot.site.ask(BOB, "/pg whoami")
        status, page = await bot.ready()

        assert (status, page["signatures"], page["last_signed_request_seconds"]) == (200, True, 0)


async def test_a_clock_a_day_ahead_for_nine_seconds_costs_no_report_and_no_proposal(tmp_path, monkeypatch):
    async with machine(tmp_path, monkeypatch) as bot:
        change = await bot.proposes()
        await bot.pass_time(3600, 600)
        await bot.made("10:00")
        for ahead in (DAY, -DAY):
            bot.clock.ahead = ahead
            await bot.pass_time(9)
            assert not (await bot.ready())[1]["clock"]
            bot.clock.ahead = 0.0
            await bot.pass_time(4)
            assert (await bot.ready())[1]["clock"]
        await bot.rows("right again")
        shown = await bot.site.ask(BOB, "/pg report show hourly")
        await bot.pass_time(3600, 600)
        await bot.made("10:00", "11:00")

        assert await bot.state(change) == "proposed"
        assert "Mon 23 Nov 11:00" in str(shown)
        times = [each["at"] for each in bot.site.audit()]
        assert times == sorted(times)
        assert times[-1] < "2026-11-23T12"


@pytest.mark.parametrize("ahead", [TEN_YEARS, -DAY])
async def test_a_start_with_a_wrong_clock_silences_nothing(tmp_path, monkeypatch, ahead):
    async with machine(tmp_path, monkeypatch) as bot:
        change = await bot.proposes()
    async with machine(tmp_path, monkeypatch, ahead=ahead, later=600) as bot:
        await bot.says("This machine's clock is")
        await bot.pass_time(2 * 3600, 600)
        paused, state = await bot.slots(), await bot.state(change)
        bot.clock.ahead = 0.0
        await bot.pass_time(6)
        await bot.says("right again")
        await bot.made("10:00", "11:00")
        await bot.pass_time(3600, 600)
        await bot.made("10:00", "11:00", "12:00")

        assert (paused, state) == ([], "proposed")
        assert {each["at"][:10] for each in bot.site.audit()} == {"2026-11-23"}


@pytest.mark.parametrize("ahead", [DAY, -DAY])
async def test_an_approved_change_waits_until_somebody_knows_the_time(tmp_path, monkeypatch, ahead):
    async with machine(tmp_path, monkeypatch) as bot:
        change = await bot.proposes("orders-staging")
        servers = bot.demo.workspace.wire_clock
        bot.demo.cloud.wire_clock = bot.demo.workspace.wire_clock = None
        bot.clock.ahead = ahead
        await bot.pass_time(14)
        await bot.says("no server has said yet what time it is")
        await bot.site.ask(BOB, f"/pg change approve {change.id}")
        await bot.pass_time(60, 5)
        waits, sent = await bot.state(change), bot.demo.cloud.posts.rows()
        bot.clock.ahead, bot.demo.workspace.wire_clock = 0.0, servers

        async def is_sent():
            # Not faster: a busy bot whose lease is too old when it has made the request sends nothing.
            await bot.pass_time(0.1)
            return bot.demo.cloud.posts.rows()

        await bot.until(is_sent)

        assert (waits, sent) == ("approved", [])


@pytest.mark.parametrize(
    ("ahead", "cloud", "words"),
    [
        (0.0, True, "ok      clock: it agrees with IONOS's and Slack's"),
        (0.0, False, "ok      clock: it agrees with Slack's"),
        (400.0, True, "error   clock: this machine's clock is 400 s ahead of IONOS's and Slack's\n"),
        (400.0, False, "error   clock: this machine's clock is 400 s ahead of Slack's, and nobody else says"),
    ],
)
async def test_check_says_whether_the_clock_is_right(tmp_path, monkeypatch, ahead, cloud, words):
    async with machine(tmp_path, monkeypatch, cloud_date=cloud) as bot:
        setup = replace(bot.site.bot.kernel.setup, data=tmp_path / "none")
        found = [str(each) for each in await examine(setup, WrongClock(bot.demo.clock, ahead))]

    assert found[-1].startswith(words)


@pytest.mark.parametrize("lie", [-TEN_YEARS])
async def test_a_slack_that_lies_about_the_time_stops_nothing(tmp_path, monkeypatch, lie):
    async with machine(tmp_path, monkeypatch, slack_ahead=lie) as bot:
        status, page = await bot.ready()
        await bot.pass_time(3600, 600)
        await bot.made("10:00")

        assert (status, page["clock"], "why" in page) == (200, True, False)
        assert page["clock_ahead_of_slack_seconds"] == pytest.approx(-lie, abs=1)
        assert [each for each in bot.site.audit() if each["kind"] == "clock"] == []


async def test_a_machine_that_slept_doubts_nothing_and_makes_what_it_missed(tmp_path, monkeypatch):
    async with machine(tmp_path, monkeypatch) as bot:
        await bot.pass_time(60, 10)
        bot.clock.suspend(1.6 * 3600)
        await bot.pass_time(20)
        await bot.made("10:00")

        assert (await bot.ready())[1]["clock"] is True
        assert [each for each in bot.site.audit() if each["kind"] == "clock"] == []

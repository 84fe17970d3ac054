"""A bot that is stopped while Slack makes it wait: it ends soon, and the next start posts the rest."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import pytest
from bot_site import OPS, Site
from form_kit import decide
from manifests import manifest_of
from one_contract import SETTINGS
from structlog.testing import capture_logs

from bot.demo.environment import open_environment
from bot.demo.http_client import loopback_client
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.slack_faults import SlackFault
from bot.programs.serve import serving
from bot.settings.model import load_settings

pytestmark = pytest.mark.anyio
ALICE, BOB = "U0ALICE", "U0BOB"
LIMIT = timedelta(seconds=10)
OFTEN = 1_000


@pytest.fixture
async def stage(monkeypatch):
    manifest = manifest_of(SETTINGS)
    async with open_environment(manifest, clock=VirtualClock(), clusters=44) as stage:
        yield stage


class Life:
    """A life of the bot, in a task of its own, so that a test can watch it end."""

    def __init__(self, stage, variables):
        self._stage, self._variables = stage, variables
        self._stop = asyncio.Event()
        self.site = None

    async def begin(self):
        started = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._serve(started))
        self.site = await started
        return self.site

    async def _serve(self, started):
        async with (
            serving(load_settings(environment=self._variables), self._stage.clock) as bot,
            loopback_client(base_url=self._stage.slack_url, timeout=20) as http,
        ):
            started.set_result(Site(self._stage, bot, http))
            await self._stop.wait()

    async def end(self, allowed):
        """Stop it; no more than `allowed` passes on the clock meanwhile, and nothing has to be cut off."""
        with capture_logs() as logs:
            await self._ended(allowed)
        assert {"commands cut off", "edits_given_up"}.isdisjoint(each["event"] for each in logs)

    async def _ended(self, allowed):
        self._stop.set()
        with anyio.fail_after(120):
            while not self._task.done():
                if allowed > timedelta():
                    self._stage.clock.advance(timedelta(seconds=0.5))
                    allowed -= timedelta(seconds=0.5)
                await anyio.sleep(0.02)
        await self._task


@pytest.fixture
def lives(stage, tmp_path, monkeypatch):
    variables = stage.environment(tmp_path / "data") | {
        "PGBOT_SLACK__MODE": "socket",
        "PGBOT_CONFIG": str(SETTINGS),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return lambda: Life(stage, variables)


async def until(stage, holds):
    with anyio.fail_after(120):
        while not (found := holds()):
            stage.clock.advance(timedelta(seconds=1))
            await anyio.sleep(0.01)
        return found


def card_that(stage, words):
    def look():
        for message in stage.workspace.channels[OPS].messages.values():
            is_card = message.only_for is None and message.text.startswith("Restore orders-prod")
            if is_card and words in f"{message.text}{message.blocks}":
                return message
        return None

    return look


@asynccontextmanager
async def waiting_card(stage, lives):
    """Yield a bot with a card that waits for its approvers."""
    life = lives()
    site = await life.begin()
    await site.ask(ALICE, '/pg restore orders-prod --to 2h --reason "bad deploy"')
    yield life, site, await until(stage, card_that(stage, "waiting for 2 DBA approvals"))


@pytest.mark.parametrize("method", ["chat.update", "chat.postMessage"])
async def test_it_ends_within_its_limit_and_catches_up(stage, lives, method):
    async with waiting_card(stage, lives) as (life, site, card):
        fault = slowed(stage, method)
        assert (await decide(site, BOB, {"ts": card.ts}, "Approve restore"))["ok"]
        await until(stage, lambda: fault.times < OFTEN)
        await life.end(LIMIT)

    stage.workspace.faults.clear()
    again = lives()
    await again.begin()
    await until(stage, card_that(stage, "bob (DBA)"))
    await until(stage, lambda: outcome_lines(stage, card))
    await again.end(LIMIT)
    assert len(outcome_lines(stage, card)) == 1


async def test_a_command_whose_answer_waits_ends_too_and_is_answered_after_the_restart(stage, lives):
    life = lives()
    site = await life.begin()
    for target in ("response_url", "chat.postEphemeral", "chat.postMessage", "conversations.open"):
        slowed(stage, target)
    assert (await site.slash(BOB, "/pg whoami"))["ok"]
    with anyio.fail_after(120):
        while not [row for row in site.audit() if row["kind"] == "outcome"]:
            await anyio.sleep(0.01)
    await life.end(LIMIT)

    stage.workspace.faults.clear()
    again = lives()
    await again.begin()
    direct = stage.workspace.direct_channel(BOB)
    await until(stage, lambda: any("whoami" in each.text for each in direct.messages.values()))
    await again.end(LIMIT)


def slowed(stage, target):
    """Make Slack ask the bot to wait for nearly a minute, on every call."""
    fault = SlackFault(target=target, kind="rate_limited", seconds=55, times=OFTEN)
    stage.workspace.faults.add(fault)
    return fault


def outcome_lines(stage, card):
    messages = stage.workspace.channels[OPS].messages.values()
    return [each for each in messages if each.thread_ts == card.ts and "bob approved" in each.text]

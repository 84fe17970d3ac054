"""A bot of its own process, and a Slack that takes messages without saying so, or takes none for a while."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio
import pytest
from fault_proxy import FaultProxy, fault_proxy
from programs_site import open_programs_stage, running_program

from bot.demo.environment import DemoEnvironment
from bot.demo.http_client import loopback_client

pytestmark = pytest.mark.anyio
BOB, DIRECT, OPS = "U0BOB", "D0BOB", "C0OPS"


@dataclass
class Stage:
    """The simulators, the proxy between them and the bot, and the bot's environment."""

    demo: DemoEnvironment
    proxy: FaultProxy
    environment: dict

    @asynccontextmanager
    async def bot(self):
        """Start a bot and wait until it is ready."""
        async with running_program("serve", env=self.environment) as process:
            line = b""
            while b'"ready"' not in line:
                line = await process.stderr.readline()
                assert line
            reading = asyncio.create_task(process.stderr.read())
            try:
                yield process
            finally:
                process.kill()
                await reading

    async def says(self, *lines):
        """Let Bob type lines to the bot, one after the other."""
        async with loopback_client(base_url=self.demo.slack_url, timeout=20) as http:
            for line in lines:
                body = {"user": BOB, "channel": DIRECT, "text": line}
                assert (await http.post("/_workspace/say", json=body)).json()["ok"]

    def answers(self, channel=DIRECT):
        messages = self.demo.workspace.channels[channel].messages.values()
        return [each.text for each in messages if each.by_bot]

    async def reaches(self, count, channel=DIRECT):
        """Wait until so many messages are there, and a little longer for those that must not come."""
        with anyio.fail_after(120):
            while len(self.answers(channel)) < count:
                await anyio.sleep(0.05)
        return self.answers(channel)


@pytest.fixture
async def stage(tmp_path):
    async with (
        open_programs_stage(tmp_path, clusters=10) as (demo, environment),
        fault_proxy(demo.slack_url, DIRECT) as proxy,
    ):
        demo.workspace.direct_channel(BOB)
        yield Stage(demo, proxy, environment | {"PGBOT_SLACK__API_URL": f"{proxy.url}/api/"})


async def test_what_slack_took_in_silence_is_found_and_what_it_held_up_comes_without_a_restart(stage):
    stage.proxy.lost["chat.postMessage"] = 1
    async with stage.bot():
        await stage.says("version list")
        with anyio.fail_after(120):
            while not stage.proxy.asked["conversations.history"]:
                await anyio.sleep(0.05)
        # More than are waited for within one call.
        stage.proxy.limited["chat.postMessage"] = 4
        await stage.says("whoami", "help")
        answers = await stage.reaches(3)

    assert [each.split()[0] for each in answers[:1]] == ["New"]
    assert {each.split()[0] for each in answers} == {"New", "You", "What"}
    assert len(answers) == 3


async def test_a_bot_that_is_killed_before_slack_has_answered_finds_its_answer_after_the_restart(stage):
    stage.proxy.lost["chat.postMessage"] = 1
    async with stage.bot() as process:
        stage.proxy.on_lost = process.kill
        await stage.says("version list")
        await process.wait()
    async with stage.bot():
        await stage.says("whoami")
        answers = await stage.reaches(2)

    assert len(answers) == 2
    assert not any("restarted" in each or "cannot tell" in each for each in answers)

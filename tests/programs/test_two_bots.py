"""Two bots on one Slack app, as processes: a data folder that was copied, and both copies started."""

import asyncio
import json
import os
import shutil
import signal
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest
from change_kit import SECRETS, SETTINGS, Room
from prepared_data import prepare_folder
from programs_site import open_programs_stage, run, running_program

from bot.demo.http_client import loopback_client
from bot.domain.error_codes import ExitCode
from bot.programs.kernel import open_kernel
from bot.programs.terminal_identity import os_user
from bot.runtime.clock import SystemClock
from bot.settings.model import load_settings

pytestmark = pytest.mark.anyio

CREATE = "cluster create orders-next --like orders-prod --version 16 --region de/txl"


@dataclass
class Copies:
    """Simulators, and data folders that are copies of one."""

    demo: object
    environment_of: object
    folder: object

    def environment(self, name):
        return self.environment_of | {"PGBOT_DATA": str(self.folder / name)}

    async def approve_create(self, name):
        """Have a creation requested and approved in a folder, before any bot runs; return its change."""
        prepare_folder(self.folder / name)
        async with open_kernel(load_settings(environment=self.environment(name)), SystemClock()) as kernel:
            room = Room(kernel)
            record = await room.asks("bob", CREATE)
            assert (await room.says("bob", f"change confirm {record.id}")).ok
            return record

    def copy(self, name, other):
        shutil.copytree(self.folder / name, self.folder / other)

    async def type_line(self, text):
        """Type a line in Slack, which gives it to one of the connections in turn; return the answer."""
        messages = self.demo.workspace.channels["C0OPS"].messages
        known = set(messages)
        async with loopback_client(base_url=self.demo.slack_url) as http, asyncio.timeout(120):
            await http.post("/_workspace/slash", json={"user": "U0BOB", "channel": "C0OPS", "text": text})
            while not (new := [each for ts, each in messages.items() if ts not in known and each.only_for]):
                await asyncio.sleep(0.02)
            return new[0].text + json.dumps(new[0].blocks, ensure_ascii=False)

    @property
    def created(self):
        return [each for each in self.demo.cloud.everything() if each.name == "orders-next"]


@asynccontextmanager
async def copies(tmp_path, monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    async with open_programs_stage(tmp_path) as (demo, environment):
        people = json.dumps({os_user(os.getuid()): "U0BOB"})
        own = {"PGBOT_CONFIG": str(SETTINGS), "PGBOT_TERMINAL__PEOPLE": people}
        yield Copies(demo, environment | own, tmp_path)


async def test_a_create_that_was_approved_before_the_folder_was_copied_is_made_once(tmp_path, monkeypatch):
    async with copies(tmp_path, monkeypatch) as site, AsyncExitStack() as stack:
        await site.approve_create("one")
        site.copy("one", "two")
        for name in ("one", "two"):
            await stack.enter_async_context(running_program("serve", env=site.environment(name)))
        async with asyncio.timeout(120):
            while not site.created:
                await asyncio.sleep(0.05)
        await asyncio.sleep(2)
        assert len(site.created) == 1


async def test_the_second_bot_says_who_holds_the_app_reads_and_takes_over_only_when_it_is_told_to(
    tmp_path, monkeypatch
):
    async with copies(tmp_path, monkeypatch) as site, AsyncExitStack() as stack:
        await site.approve_create("one")
        site.copy("one", "two")
        one = await stack.enter_async_context(running_program("serve", env=site.environment("one")))
        await ready(one)
        two = await stack.enter_async_context(running_program("serve", env=site.environment("two")))
        page = await look(await ready(two))
        read, refused = [
            await run("run", line, env=site.environment("two"))
            for line in ("cluster list", "cluster delete orders-prod --reason gone")
        ]
        told = [await site.type_line("/pg cluster list") for _ in range(2)]
        checked = await run("check", env=site.environment("two"))
        taken = await run("takeover", "--reason", "one is lost", env=site.environment("two"))
        stopped = await run("check", env=site.environment("one"))
        for process in (two, one):
            process.send_signal(signal.SIGTERM)
        codes = [await process.wait() for process in (one, two)]
        left = site.demo.workspace.channels["C0OPS"].messages.values()

    assert page["lease"] is False
    assert "data folder one, since" in page["why"]["lease"]
    assert (read.code, "orders-prod" in read.out) == (0, True)
    assert (refused.code, "data folder one, since" in refused.out) == (ExitCode.UNAVAILABLE, True)
    assert sorted("data folder one, since" in each for each in told) == [False, True]
    assert (checked.code, stopped.code) == (1, 1)
    assert "another bot holds the lease of this app: pgbot on " in checked.out
    assert "data folder one, since" in checked.out
    assert "data folder two, since" in stopped.out
    assert taken.code == 0
    assert "sends changes in 1" in taken.out
    assert codes == [0, 0]
    assert sum((each.metadata or {}).get("event_type") == "pgbot_lease" for each in left) == 1


async def ready(process):
    """Wait until the bot is ready; return its word for it."""
    async with asyncio.timeout(120):
        while (said := json.loads(await process.stderr.readline()))["event"] != "ready":
            pass
    return said


async def look(said):
    """Return what `/readyz` shows."""
    async with loopback_client(base_url=said["url"]) as http:
        return (await http.get("/readyz")).json()

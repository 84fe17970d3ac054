"""A loop that stands still: logged, ended with a code, and what it stood still over is not done again."""

import asyncio
import json
import signal
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx
import pytest
from programs_site import open_programs_stage, running_program

from bot.demo.environment import DemoEnvironment
from bot.demo.http_client import loopback_client
from bot.runtime.watchdog import EXIT_CODE

pytestmark = pytest.mark.anyio
BOB, OPS = "U0BOB", "C0OPS"
ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "support" / "stalling_bot.py"
LIMIT = 2.0
"""Seconds; the shortest that the setting allows."""


@dataclass
class Stage:
    """The simulators, and bots that are started beside them one after the other."""

    demo: DemoEnvironment
    http: httpx.AsyncClient
    environment: dict[str, str]
    data: Path

    @asynccontextmanager
    async def bot(self):
        """Start the bot; yield its process and all lines of its log so far, which grow."""
        async with running_program("serve", env=self.environment, script=SCRIPT) as process:
            lines = [read_line(await process.stderr.readline())]
            while lines[-1]["event"] != "ready":
                lines.append(read_line(await process.stderr.readline()))
            if self.environment["PGBOT_SLACK__MODE"] == "http":
                self.demo.workspace.request_url = f"{lines[-1]['url']}/slack/events"
            reading = asyncio.create_task(self._read(process, lines))
            try:
                yield process, lines
            finally:
                if process.returncode is None:
                    process.kill()
                await reading

    async def _read(self, process, lines):
        async for line in process.stderr:
            lines.append(read_line(line))

    async def says(self, text, user=BOB):
        body = {"user": user, "channel": OPS, "text": f"/pg {text}"}
        assert (await self.http.post("/_workspace/slash", json=body)).json()["ok"]

    async def reads(self, words, channel=OPS, user=BOB):
        """Wait for a message with these words that a person sees; return its text."""
        while True:
            query = {"user": user, "channel": channel}
            seen = (await self.http.get("/_workspace/messages", params=query)).json()["messages"]
            found = [each["text"] for each in seen if words in json.dumps(each, ensure_ascii=False)]
            if found:
                return found[-1]
            await anyio.sleep(0.05)

    def rows(self, query, *values):
        connection = sqlite3.connect(self.data / "pgbot.db")
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(query, values)]
        connection.close()
        return found

    async def direct(self):
        query = {"user": BOB}
        channels = (await self.http.get("/_workspace/channels", params=query)).json()["channels"]
        return next(each["id"] for each in channels if each["kind"] == "im")

    async def has_told(self, way, code, before, log):
        """Check what the process after a stall has made of it: `before` is the log of the stalled one."""
        line = f"stall loop {way}"
        told = await self.reads(f"over “{line}”", await self.direct())
        rows = self.rows("SELECT * FROM audit WHERE text = ? ORDER BY seq", line)
        (delivery,) = self.rows("SELECT * FROM inbox WHERE trace = ?", rows[0]["trace"])
        (known,) = [each for each in log if each["event"].startswith("the last process was stopped")]

        assert f"The bot stopped responding over “{line}”, was restarted and won't run it again" in told
        assert [row["outcome"] for row in rows] == ["accepted", "stalled"]
        assert {(row["actor"], row["team"]) for row in rows} == {("slack:U0BOB", "T0DEMO")}
        assert delivery["stalled_at"]
        assert "stall_loop.py" in known["stack"]
        if code == EXIT_CODE:
            # A slow machine may have held up other tasks before.
            first, *_, last = [each for each in stalls_in(before) if each["task"] == delivery["trace"]]
            assert first["seconds"] < LIMIT <= last["seconds"]
            assert known["trace"] == delivery["trace"]
            assert "stall_loop.py" in "".join(first["stack"].splitlines()[:6])


def read_line(line):
    return json.loads(line) if line.startswith(b"{") else {"event": line.decode()}


@asynccontextmanager
async def open_stage(tmp_path, mode="socket"):
    async with (
        open_programs_stage(tmp_path, clusters=10) as (demo, environment),
        loopback_client(base_url=demo.slack_url, timeout=20) as http,
    ):
        demo.workspace.ack_seconds = 30.0
        own = {"PGBOT_SLACK__MODE": mode, "PGBOT_WATCHDOG__LIMIT": f"{LIMIT:.0f}s"}
        yield Stage(demo, http, environment | own, tmp_path / "data")


def stalls_in(log):
    return [each for each in log if each["event"].startswith("event loop stands still")]


@asynccontextmanager
async def bot_after(stage, *ways):
    """Have one bot after the other stand still; yield the one that follows them, and its log."""
    before, last = None, None
    for way, code in ways:
        async with stage.bot() as (process, log):
            if last:
                await stage.has_told(*last, before, log)
            await stage.says(f"stall loop {way}")
            assert await process.wait() == code
        before, last = log, (way, code)
    async with stage.bot() as (process, log):
        await stage.has_told(*last, before, log)
        yield process, log
        process.terminate()
        assert await process.wait() == 0


async def goes_on(stage, user, name):
    await stage.says("whoami", user)
    await stage.reads(f"You are {name}", user=user)


async def test_code_that_stops_the_loop_ends_the_process_and_is_not_run_again(tmp_path):
    ways = (("busy", EXIT_CODE), ("wait", EXIT_CODE))
    with anyio.fail_after(180):
        async with open_stage(tmp_path, "http") as stage, bot_after(stage, *ways):
            await goes_on(stage, BOB, "bob")

    assert not (stage.data / "stalled").exists()


async def test_a_pattern_that_keeps_the_interpreter_s_lock_ends_the_process_too(tmp_path):
    """In the loop's thread the watchdog is given turns; in another one the kernel ends the process."""
    ways = (("pattern", EXIT_CODE), ("pattern-aside", -signal.SIGPROF))
    with anyio.fail_after(180):
        async with open_stage(tmp_path) as stage, bot_after(stage, *ways) as (process, log):
            # It moves again in time: that is logged, and nothing else.
            await stage.says("stall loop moment")
            await stage.reads("It moved again")
            while "event loop moves again" not in {each["event"] for each in log}:
                await anyio.sleep(0.05)
            assert (stage.data / "stalled").read_text() == ""

            # A machine that sleeps, or a debugger, stops a process as this signal does.
            process.send_signal(signal.SIGSTOP)
            await anyio.sleep(2 * LIMIT)
            process.send_signal(signal.SIGCONT)
            await goes_on(stage, "U0ALICE", "alice")

    assert len(stalls_in(log)) == 1


async def test_a_report_that_stops_the_loop_is_not_made_again_and_says_so(tmp_path):
    line = 'report add halting --command "stall loop busy" --when "0 3 1 1 *" --save'
    slots = "SELECT * FROM report_slots WHERE report = 'halting'"
    with anyio.fail_after(120):
        async with open_stage(tmp_path) as stage:
            async with stage.bot() as (process, _):
                await stage.says(line)
                await stage.reads("halting is saved for")
                await stage.says("report run halting")
                assert await process.wait() == EXIT_CODE
            async with stage.bot():
                await stage.reads("The bot stopped responding during this run")
                # The row is written when somebody has been told.
                while [each["state"] for each in stage.rows(slots)] != ["failed"]:
                    await anyio.sleep(0.02)

"""The bot as a process with few descriptors: no number of connections uses them up or ends it."""

import asyncio
import contextlib
import json
import resource
import sqlite3
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from bot_site import Signed
from programs_site import clean_environment, open_programs_stage

import handlers
from bot.commands.declaration import Registry
from bot.demo.http_client import loopback_client

pytestmark = pytest.mark.anyio

DESCRIPTORS, SPARE = 256, 4
SOME = ("backup list", "migration plan", "migration status", "restore", "summary fleet", "report preview")
PARTS = {
    "silent": b"",
    "head": b"POST /slack/events HTTP/1.1\r\nx-a: ",
    "body": b"POST /slack/events HTTP/1.1\r\nhost: bot\r\ncontent-length: 1000\r\n\r\ntext=",
    "rubbish": b"\x16\x03\x01 this is no HTTP\r\n\r\n",
    "unsigned": b"POST /slack/events HTTP/1.1\r\nhost: bot\r\ncontent-length: 4\r\n\r\na=bc",
    "idle": b"GET /healthz HTTP/1.1\r\nhost: bot\r\n\r\n",
}
TYPED = {"command": "/pg", "team_id": "T0DEMO", "user_id": "U0BOB", "channel_id": "C0OPS", "text": "whoami"}


class Process:
    """The running bot, seen from outside."""

    def __init__(self, process, folder, demo, url):
        self.process, self.demo, self.url = process, demo, url
        self.log, self.data = folder / "log", folder / "data"
        self.bot = self  # what signs its requests looks for the address here

    def lines(self, since=0):
        """Return the lines of its log, or those that begin after so many characters."""
        text = self.log.read_text()[since:]
        return [line for line in text.splitlines() if not line.startswith("import time:")]

    async def idle(self):
        """Wait until every delivery is answered."""
        async with asyncio.timeout(120):
            while self.unanswered():
                await asyncio.sleep(0.05)

    def unanswered(self):
        with contextlib.closing(sqlite3.connect(self.data / "pgbot.db")) as connection:
            query = "SELECT count(*) FROM inbox WHERE answered_at IS NULL"
            return connection.execute(query).fetchone()[0]

    def descriptors(self):
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def imported(self):
        """Return the modules that were imported since the bot listens."""
        text = self.log.read_text()
        lines = text[text.index('"event": "ready"') :].splitlines()
        return [line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")]

    def limit_descriptors(self, most):
        hard = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (most, hard))


@asynccontextmanager
async def serving(tmp_path):
    log = tmp_path / "log"
    async with open_programs_stage(tmp_path, clusters=12) as (demo, stage):
        demo.workspace.ack_seconds = 20
        environment = clean_environment(stage | {"PGBOT_SLACK__MODE": "http"})
        command = f'ulimit -S -n {DESCRIPTORS}; exec "$@"'
        program = ("sh", "-c", command, "sh", sys.executable, "-X", "importtime", "-m", "bot.programs.cli")
        with log.open("w") as stderr:
            process = await asyncio.create_subprocess_exec(*program, "serve", stderr=stderr, env=environment)
        try:
            ready = await _until_ready(log)
            demo.workspace.request_url = f"{ready['url']}/slack/events"
            yield Process(process, tmp_path, demo, ready["url"])
        finally:
            process.terminate()
            await process.wait()


@pytest.fixture(scope="module")
async def bot(tmp_path_factory, anyio_backend):
    async with serving(tmp_path_factory.mktemp("bot")) as bot:
        yield bot


async def _until_ready(log):
    async with asyncio.timeout(120):
        while not (lines := [each for each in log.read_text().splitlines() if '"event": "ready"' in each]):
            await asyncio.sleep(0.05)
    return json.loads(lines[0])


async def test_no_number_of_connections_uses_up_descriptors_or_log(bot):
    began = len(bot.log.read_text())
    # A quarter may be connections. The bot has few others open, unless earlier tests made it open more.
    most = max(DESCRIPTORS // 2 - 1, bot.descriptors() + DESCRIPTORS // 4 + SPARE)
    # The bot gives up connections that wait, as one would that was kept from the part before.
    anew = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=20, limits=anew) as http:
        host, port = bot.url.removeprefix("http://").split(":")
        for number, part in enumerate(PARTS):
            held = [await asyncio.open_connection(host, port) for _ in range(DESCRIPTORS + 4)]
            for _, writer in held:
                writer.write(PARTS[part])
            answer = await Signed(bot, http).post(TYPED | {"trigger_id": f"1.{number}"})

            assert (answer.status_code, answer.text) == (200, ""), part
            assert bot.descriptors() <= most, part
            for _, writer in held:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
        assert bot.process.returncode is None
        assert len(bot.lines(began)) < 1_000
        assert not [line for line in bot.lines(began) if "Traceback" in line]


@pytest.mark.parametrize("some", [True, pytest.param(False, marks=pytest.mark.soak)], ids=["some", "all"])
async def test_nothing_is_imported_for_the_first_time_while_the_bot_runs(bot, some):
    """A first import fails where no descriptor is free. Whatever the other tests here imported counts too."""
    chosen = SOME if some else [each.name for each in Registry.discover(handlers)]
    lines = [line for each in Registry.discover(handlers) if each.name in chosen for line in each.examples]
    async with loopback_client(base_url=bot.demo.slack_url, timeout=30) as http:
        for line in lines:
            body = {"user": "U0BOB", "channel": "C0OPS", "text": f"/pg {line}"}
            assert (await http.post("/_workspace/slash", json=body)).json()["ok"], line
        await bot.idle()

        assert bot.imported() == []


async def test_a_process_without_a_free_descriptor_lives_and_answers_again_later(bot):
    # One connection for all: while no descriptor is free, the bot can take no other.
    one = httpx.Limits(max_connections=1, keepalive_expiry=None)
    async with httpx.AsyncClient(timeout=20, limits=one) as http:
        signed = Signed(bot, http)
        answers = [await signed.post(TYPED | {"trigger_id": "few.1"})]
        bot.limit_descriptors(3)
        for number, line in enumerate(("migration status", "audit list")):
            answers.append(await signed.post(TYPED | {"trigger_id": f"few.2.{number}", "text": line}))
            # One at a time: there is one connection to Slack, and none more can be made.
            await bot.idle()
        bot.limit_descriptors(DESCRIPTORS)
        answers.append(await signed.post(TYPED | {"trigger_id": "few.3"}))
        await bot.idle()

        assert [(each.status_code, each.text) for each in answers] == [(200, "")] * 4
        assert bot.process.returncode is None

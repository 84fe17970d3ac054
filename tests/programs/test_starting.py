"""Obstacles to the bot's start: one sentence and exit code 2; and a signal ends it at any moment."""

import asyncio
import json
import signal
import socket
import sys

import pytest
from odd_slack import HANGS, odd_slack
from programs_site import open_programs_stage, run, running_program
from starlette.applications import Starlette

from bot.demo.http_client import loopback_client
from bot.domain.errors import ConfigError
from bot.runtime.http_server import WebServer, name_listen_errors

pytestmark = pytest.mark.anyio


@pytest.fixture
async def environment(tmp_path):
    async with open_programs_stage(tmp_path) as (_, environment):
        yield environment


@pytest.fixture
def taken():
    """Yield a loopback port that somebody else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield str(listener.getsockname()[1])


def without_cloud(tmp_path, slack):
    return {
        "SLACK_BOT_TOKEN": "xoxb-demo",
        "SLACK_APP_TOKEN": "xapp-canary",
        "PGBOT_DATA": str(tmp_path / "data"),
        "PGBOT_HTTP__PORT": "0",
        "PGBOT_SLACK__API_URL": slack.url,
    }


async def ready(process):
    """Wait until the bot is ready; return its own word for it."""
    said = json.loads(await process.stderr.readline())
    assert said["event"] == "ready", said
    return said


def in_one_sentence(ended, says):
    assert ended.code == 2, ended.err
    assert says in ended.err
    assert "Traceback" not in ended.err
    assert "canary" not in ended.err


async def test_a_wrong_app_token_is_said_and_not_tried_for_ever(environment):
    ended = await run("serve", env=environment | {"SLACK_APP_TOKEN": "xapp-canary"})

    in_one_sentence(ended, "Slack refuses to open Socket Mode with the app token: invalid_auth.")


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_what_is_not_slack_is_waited_for_and_checked_as_not_now(tmp_path, method):
    async with odd_slack({method: "<html>log in first</html>"}) as slack:
        environment = without_cloud(tmp_path, slack)
        async with running_program("serve", env=environment, cwd=tmp_path) as process, asyncio.timeout(120):
            said = json.loads(await process.stderr.readline())
            process.send_signal(signal.SIGTERM)
            code = await process.wait()
        checked = await run("check", env=environment, cwd=tmp_path)

    why = "The server at slack.api_url is not Slack's API."
    assert (said["event"], said["why"], code) == ("waiting for slack", why, 0)
    # Nobody says what time it is, either.
    clocks = checked.out.count("unknown clock: neither Slack nor IONOS")
    assert (checked.code, checked.out.count("unknown ") - clocks) == (1, 1)
    assert why in checked.out


async def test_sigterm_ends_a_start_that_hangs(tmp_path):
    async with (
        odd_slack({"apps.connections.open": HANGS}) as slack,
        running_program("serve", env=without_cloud(tmp_path, slack), cwd=tmp_path) as process,
        asyncio.timeout(120),
    ):
        await slack.asked["apps.connections.open"].wait()
        process.send_signal(signal.SIGTERM)
        code = await process.wait()

    assert code == 0


async def test_health_answers_while_the_socket_is_not_connected_yet(tmp_path, taken):
    """Slack gives an address that takes connections and says nothing."""
    nowhere = {"ok": True, "url": f"ws://127.0.0.1:{taken}/"}
    async with (
        odd_slack({"apps.connections.open": nowhere}) as slack,
        running_program("serve", env=without_cloud(tmp_path, slack), cwd=tmp_path) as process,
        asyncio.timeout(120),
    ):
        lock = tmp_path / "data" / "serve.lock"
        while not (lock.exists() and (url := lock.read_text().strip())):
            await asyncio.sleep(0.02)
        async with loopback_client(base_url=url) as http:
            alive, of_use = await http.get("/healthz"), await http.get("/readyz")
        process.send_signal(signal.SIGTERM)
        code = await process.wait()

    assert alive.status_code == 200
    found = of_use.json()
    assert of_use.status_code == 503
    assert found["why"]["slack"] in {"The bot is starting.", "Socket Mode is not connected."}
    assert (found["slack"], found["database"], found["audit"]) == (False, True, True)
    assert code == 0


async def test_one_bot_per_data_folder_also_after_kill_9(environment):
    async with running_program("serve", env=environment) as first, asyncio.timeout(120):
        await ready(first)
        second = await run("serve", env=environment)
        first.kill()
        await first.wait()
        async with running_program("serve", env=environment) as third:
            await ready(third)

    in_one_sentence(second, "Another pgbot serve already works with the data folder")


async def test_a_data_folder_that_cannot_be_made_is_said(environment, tmp_path):
    (tmp_path / "file").write_text("")

    ended = await run("serve", env=environment | {"PGBOT_DATA": str(tmp_path / "file" / "data")})

    in_one_sentence(ended, "cannot be used: Not a directory.")


async def test_a_port_that_is_taken_is_said(environment, taken):
    ended = await run("serve", env=environment | {"PGBOT_HTTP__PORT": taken})

    in_one_sentence(
        ended, f"The web server cannot listen on 127.0.0.1, port {taken}: Address already in use."
    )
    assert "http.host and http.port" in ended.err


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid", "x" * 70, "::1"])
async def test_a_host_that_is_none_of_this_machine_is_said(host):
    with (
        pytest.raises(ConfigError, match="cannot listen on") as caught,
        name_listen_errors(host, 0, "http.host"),
    ):
        async with WebServer(Starlette(), host=host):
            raise AssertionError("it listens")

    assert "http.host" in caught.value.next_step


async def test_a_port_of_the_demo_that_is_taken_is_said(tmp_path, taken):
    ended = await run("demo", "--port", taken, cwd=tmp_path)

    in_one_sentence(
        ended, f"The web server cannot listen on 127.0.0.1, port {taken}: Address already in use."
    )
    assert "--port" in ended.err


@pytest.mark.parametrize("check", [(), ("--check",)])
async def test_a_page_that_cannot_be_written_or_read_is_said(tmp_path, check):
    (tmp_path / "folder.md").mkdir()

    ended = await run("docs", "--out", str(tmp_path / "folder.md"), *check)

    in_one_sentence(ended, "folder.md: Is a directory.")


async def test_the_health_program_finds_the_bot_past_any_proxy(environment, tmp_path):
    health = {"PGBOT_DATA": environment["PGBOT_DATA"], "http_proxy": "http://127.0.0.1:9"}

    async def ask():
        return await run("-m", "bot.programs.health", program=(sys.executable,), env=health)

    before = await ask()
    async with running_program("serve", env=environment) as process, asyncio.timeout(120):
        await ready(process)
        during = await ask()
        process.send_signal(signal.SIGTERM)
        await process.wait()
    after = await ask()

    assert [each.code for each in (before, during, after)] == [1, 0, 1], during.out
    assert not any("Traceback" in each.err for each in (before, during, after))

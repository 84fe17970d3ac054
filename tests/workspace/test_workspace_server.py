"""`pgbot demo workspace` as a process: one line when ready, 0 when told to stop."""

import argparse
import asyncio
import signal
import socket
import sys

import pytest

from bot.demo.http_client import loopback_client
from bot.demo.workspace.server import run
from bot.domain.errors import ConfigError
from bot.programs.program_arguments import declare_workspace

pytestmark = pytest.mark.anyio

PROGRAM = (
    "import argparse, sys; from bot.demo.workspace.server import run; "
    "from bot.programs.program_arguments import declare_workspace; "
    "parser = argparse.ArgumentParser(); declare_workspace(parser); sys.exit(run(parser.parse_args()))"
)


def parsed(*words):
    parser = argparse.ArgumentParser()
    declare_workspace(parser)
    return parser.parse_args(words)


async def test_it_serves_until_it_is_told_to_stop():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        assert line.startswith("Simulated Slack ready: page http://127.0.0.1:")
        url = line.split()[4].rstrip("/")
        async with loopback_client(base_url=url) as http:
            headers = {"authorization": "Bearer xoxb-demo"}
            assert (await http.post("/api/auth.test", headers=headers)).json()["team_id"] == "T0DEMO"
            assert (await http.get("/")).headers["content-type"].startswith("text/html")
            async with http.stream("GET", "/_workspace/stream"):
                process.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(process.wait(), 10) == 0
        out, err = await process.communicate()
        assert (out, err) == (b"", b"")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def test_the_help_tells_what_a_bot_needs():
    parser = argparse.ArgumentParser()
    declare_workspace(parser)
    words = " ".join(parser.format_help().split())
    assert all(each in words for each in ("xoxb-demo", "xapp-demo", "demo-signing-secret", "/_workspace/"))


def test_a_taken_port_is_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Can’t use port {port}"):
            run(parsed("--port", str(port)))


@pytest.mark.parametrize(
    ("name", "text"),
    [("m.json", "{"), ("m.json", "[]"), ("m.yaml", "a: [b"), ("m.yaml", "features: {slash_commands: [{}]}")],
)
def test_a_manifest_that_cannot_be_used_is_a_sentence(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"Can’t read the manifest m\.\w+"):
        run(parsed("--manifest", str(path)))


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/", "http://example.com:80/", "127.0.0.1:3000"])
def test_only_this_machine_is_delivered_to(url):
    with pytest.raises(ConfigError, match="must be an http address of this machine"):
        run(parsed("--request-url", url))

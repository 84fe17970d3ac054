"""The stand-in as a program of its own."""

import argparse
import asyncio
import re
import signal
import sys

import httpx
import pytest

from bot.demo.cloud import server
from bot.demo.cloud.server import add_arguments

pytestmark = pytest.mark.anyio
PROGRAM = """
import argparse, sys
from bot.demo.cloud.server import add_arguments, run
parser = argparse.ArgumentParser()
add_arguments(parser)
sys.exit(run(parser.parse_args()))
"""


async def start(*arguments):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_prints_one_line_serves_and_stops_on_sigterm():
    program = await start("--port", "0", "--clusters", "300", "--latency", "1ms", "--plain")
    try:
        line = (await asyncio.wait_for(program.stdout.readline(), 30)).decode()
        v1, v2 = re.findall(r"http://127\.0\.0\.1:\d+\S*", line.replace(",", " "))
        async with httpx.AsyncClient(headers={"authorization": "Bearer demo-token"}) as http:
            found = (await http.get(f"{v1}/clusters?limit=1000")).json()["items"]
            elsewhere = await http.get(v2.replace("{region}", "gb-lhr") + "/clusters")
            taken = await start("--port", str(http.build_request("GET", v1).url.port))
            _, complaint = await taken.communicate()
        program.send_signal(signal.SIGTERM)
        out, errors = await asyncio.wait_for(program.communicate(), 30)
    finally:
        if program.returncode is None:
            program.kill()
    assert len(found) > 128
    assert "MAINTENANCE" not in {one["metadata"]["state"] for one in found}
    assert elsewhere.status_code == 200
    assert (program.returncode, out, errors) == (0, b"", b"")
    assert taken.returncode == 1
    assert b"cannot serve on port" in complaint


@pytest.mark.parametrize(("text", "seconds"), [("50ms", 0.05), ("2s", 2.0), ("0.25", 0.25), ("0", 0.0)])
async def test_latency_is_a_duration(text, seconds):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert parser.parse_args(["--latency", text]).latency == seconds


@pytest.mark.parametrize(
    "arguments", [["--latency", "fast"], ["--latency", "-1s"], ["--clusters", "0"], ["--port", "x"]]
)
async def test_bad_arguments_are_refused(arguments, capsys):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(arguments)
    assert arguments[0] in capsys.readouterr().err


async def test_serve_in_this_loop_leaves_the_signal_handlers_as_they_were(capsys):
    before = signal.getsignal(signal.SIGTERM)
    serving = asyncio.create_task(server.serve(0, clusters=3))
    while "cloud ready" not in capsys.readouterr().out:
        await asyncio.sleep(0.01)
    signal.raise_signal(signal.SIGTERM)
    await serving
    assert signal.getsignal(signal.SIGTERM) == before

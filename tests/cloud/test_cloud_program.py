"""The cloud simulator as a program."""

import argparse
import asyncio
import os
import re
import signal
import sys

import httpx
import pytest

from bot.demo.cloud import app
from bot.demo.cloud.v1 import PREFIX
from bot.programs.program_arguments import declare_cloud

pytestmark = pytest.mark.anyio
PROGRAM = """
import argparse, sys
from bot.demo.cloud.app import run
from bot.programs.program_arguments import declare_cloud
parser = argparse.ArgumentParser()
declare_cloud(parser)
parser.set_defaults(fleet="odd")
sys.exit(run(parser.parse_args()))
"""


async def start(*arguments, **more):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        *arguments,
        **more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_prints_one_line_serves_and_stops_on_sigterm():
    program = await start("--port", "0", "--clusters", "300", "--latency", "1ms", "--fleet", "plain")
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
    assert b"t use port" in complaint


async def test_a_thousand_clusters_leave_nothing_behind_and_the_next_start_knows_nothing(tmp_path):
    """The next start has neither the ordered fault nor the crashed restore."""
    room = {
        "cwd": tmp_path,
        "env": {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]},
    }
    restores = []
    for _ in range(2):
        program = await start("--clusters", "1000", **room)
        try:
            line = (await asyncio.wait_for(program.stdout.readline(), 30)).decode()
            async with httpx.AsyncClient(base_url=line.split()[4].removesuffix(f"{PREFIX},")) as http:
                restores.append(await crashed_restore(http))
            program.send_signal(signal.SIGTERM)
            await asyncio.wait_for(program.communicate(), 30)
        finally:
            if program.returncode is None:
                program.kill()
    first, second = restores
    assert first == second
    assert first == [("POST", f"/clusters/{first[0][2]}/restore", first[0][2], 0)]
    assert list(tmp_path.iterdir()) == []


async def crashed_restore(http):
    """Restore `orders-prod`, lose the answer, and return the journal of mutating requests."""
    clusters = (await http.get("/_cloud/clusters")).json()
    assert len(clusters) == 1000
    orders = next(one["id"] for one in clusters if one["name"] == "orders-prod")
    backup = (await http.get(f"/_cloud/clusters/{orders}")).json()["backups"][0]["v1_id"]
    assert (await http.get("/_cloud/faults")).json() == []
    await http.post("/_cloud/faults", json={"kind": "crash_after_accept", "method": "POST"})
    with pytest.raises(httpx.RemoteProtocolError):
        await http.post(
            f"{PREFIX}/clusters/{orders}/restore",
            json={"backupId": backup},
            headers={"authorization": "Bearer demo-token"},
        )
    assert len((await http.get(f"/_cloud/clusters/{orders}")).json()["restores"]) == 1
    posts = (await http.get("/_cloud/posts")).json()
    return [(post["method"], post["path"], post["id"], post["status"]) for post in posts]


@pytest.mark.parametrize(("text", "seconds"), [("50ms", 0.05), ("2s", 2.0), ("0.25", 0.25), ("0", 0.0)])
async def test_latency_is_a_duration(text, seconds):
    parser = argparse.ArgumentParser()
    declare_cloud(parser)
    assert parser.parse_args(["--latency", text]).latency == seconds


@pytest.mark.parametrize(
    "arguments", [["--latency", "fast"], ["--latency", "-1s"], ["--clusters", "0"], ["--port", "x"]]
)
async def test_bad_arguments_are_refused(arguments, capsys):
    parser = argparse.ArgumentParser()
    declare_cloud(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(arguments)
    assert arguments[0] in capsys.readouterr().err


async def test_serve_in_this_loop_leaves_the_signal_handlers_as_they_were(capsys):
    before = signal.getsignal(signal.SIGTERM)
    serving = asyncio.create_task(app.serve(0, clusters=3))
    while "cloud ready" not in capsys.readouterr().out:
        await asyncio.sleep(0.01)
    signal.raise_signal(signal.SIGTERM)
    await serving
    assert signal.getsignal(signal.SIGTERM) == before

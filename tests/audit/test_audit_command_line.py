"""`pgbot audit …` as a process: exit codes for scripts, and an export that is stopped in order."""

import asyncio
import json
import signal

import pytest
from audit_kit import Forger, copy_log, write_log
from programs_site import run, running_program

from bot.domain.error_codes import ExitCode

pytestmark = pytest.mark.anyio


async def test_0_whole_1_broken_2_could_not_be_read(tmp_path):
    whole = write_log(tmp_path / "whole.db", 30)
    forger = Forger(copy_log(whole, tmp_path / "broken.db"), 1)
    bad = forger.delete()
    forger.leave()

    ended = {
        name: await run("audit", "verify", "--db", str(tmp_path / f"{name}.db"), cwd=tmp_path)
        for name in ("whole", "broken", "missing")
    }

    assert {name: each.code for name, each in ended.items()} == {
        "whole": 0,
        "broken": 1,
        "missing": ExitCode.USAGE,
    }
    assert f"row {bad} is missing" in ended["broken"].out
    assert "could not be read" in ended["missing"].err
    assert "Traceback" not in "".join(each.err for each in ended.values())


async def test_follow_ends_in_order_on_sigterm_with_all_that_was_there(tmp_path):
    write_log(tmp_path / "pgbot.db", 30)
    out = tmp_path / "log.jsonl"
    arguments = ("audit", "export", "--db", str(tmp_path / "pgbot.db"), "--follow", "--out", str(out))
    async with running_program(*arguments, cwd=tmp_path) as process, asyncio.timeout(120):
        while not out.exists() or out.read_bytes().count(b"\n") < 30:
            assert process.returncode is None
            await asyncio.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        code = await process.wait()

    assert code == 0
    assert [json.loads(line)["seq"] for line in out.read_text().splitlines()] == list(range(1, 31))

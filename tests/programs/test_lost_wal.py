"""A real bot that was killed or stopped, and what is left of its files: complete, or refused."""

import asyncio
import shutil

import pytest
from programs_site import open_programs_stage, run, running_program

pytestmark = pytest.mark.anyio


async def until_ready(data):
    """Wait until a bot has said where it listens."""
    async with asyncio.timeout(120):
        while not (lock := data / "serve.lock").exists() or not lock.read_text().strip():
            await asyncio.sleep(0.05)


async def lived(environment, data, end):
    """Run a bot until it serves, and have it end."""
    async with running_program("serve", env=environment) as process, asyncio.timeout(120):
        await until_ready(data)
        end(process)
        await process.communicate()
    (data / "serve.lock").write_text("")


async def test_after_a_stop_each_file_alone_is_complete_and_after_a_kill_a_lost_wal_is_refused(tmp_path):
    data = tmp_path / "data"
    async with open_programs_stage(tmp_path) as (_, environment):
        await lived(environment, data, lambda process: process.terminate())
        left = {each.name for each in data.iterdir()}
        shutil.copytree(data, tmp_path / "stopped")
        await lived(environment, data, lambda process: process.kill())
        (data / "pgbot.db-wal").unlink()
        refused = await run("serve", env=environment)
        verified = await run("audit", "verify", env=environment)
        shown = await run("recover", "--dry-run", env=environment)
        again = await run("serve", env=environment)
        went_on = await run("recover", "--reason", "the disk failed", env=environment)
        whole = await run("audit", "verify", env=environment)

    assert left.isdisjoint({"pgbot.db-wal", "engine.db-wal"})
    for each in (refused, verified, again):
        assert each.code == 2
        assert "pgbot.db is incomplete: its latest rows were in pgbot.db-wal, which is missing" in each.err
    assert "Check the disk and the rights" not in refused.err
    assert "pgbot.db-wal, which held the latest entries, is missing or truncated." in shown.out
    assert (went_on.code, "Accepted in row" in went_on.out) == (0, True)
    assert whole.code == 0

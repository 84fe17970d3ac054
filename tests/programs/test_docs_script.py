"""The script of docs/programs.md, as a shell runs it, beside a `pgbot serve` and the people who approve."""

import asyncio
import json
import re
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from forked_programs import ROOT
from served_terminal import OWN, account, open_terminal_stage

from bot.demo.workspace import user_actions

pytestmark = pytest.mark.anyio
PAGE = (ROOT / "docs" / "programs.md").read_text(encoding="utf-8")
BOB = json.dumps({account(OWN): "U0BOB"})
SCRIPT = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL)[1]


async def test_the_script_lists_restores_waits_and_keeps_the_evidence(tmp_path):
    async with open_terminal_stage() as stage, stage.served(PGBOT_TERMINAL__PEOPLE=BOB):
        stage.demo.cloud.durations = replace(stage.demo.cloud.durations, restore=0.5)
        work = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            SCRIPT,
            "restore.sh",
            "orders-staging",
            cwd=tmp_path,
            env={**stage.environment, "PATH": f"{tools(tmp_path)}:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(120):
            while not (rows := stage.read("SELECT id FROM changes")):
                await asyncio.sleep(0.05)
            line = f"/pg change approve {rows[0]['id']}"
            await user_actions.slash(stage.demo.workspace, user="U0CAROL", channel="C0OPS", text=line)
            out, err = (each.decode() for each in await work.communicate())

    change = json.loads((tmp_path / "change.json").read_text())["data"]["change"]
    assert work.returncode == 0, out + err
    assert re.search(r"^orders-staging\t[a-z ]+\tde/txl$", out, re.MULTILINE), out
    assert "Restored." in out
    assert (change["id"], change["status"]) == (rows[0]["id"], "succeeded")
    assert [each["by"]["id"] for each in change["approvals"]] == ["U0CAROL"]
    assert (tmp_path / f"{change['id']}-audit.csv").read_text().startswith("at,actor,outcome\n")


def tools(folder: Path) -> Path:
    """Put `pgbot` and this Python where the script's shell finds them."""
    tools = folder / "tools"
    tools.mkdir()
    for name, words in {"pgbot": f"{sys.executable} -m bot.programs.cli", "python3": sys.executable}.items():
        file = tools / name
        file.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return tools

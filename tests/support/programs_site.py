"""pgbot as a program of its own, beside simulators that this process serves."""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from forked_programs import ROOT, forked
from manifests import manifest_of

from bot.demo.environment import SETTINGS, open_environment
from bot.demo.virtual_clock import VirtualClock

PGBOT = (sys.executable, "-m", "bot.programs.cli")
"""A process of its own, which imports everything first: as people start it."""


@dataclass(frozen=True)
class Ended:
    """A program's output and exit code."""

    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


@asynccontextmanager
async def running_program(*arguments, env=None, program=None, cwd=None, user=None, script=None):
    """Run a program until it is asked to stop; never leave it behind.

    Without `program` it is pgbot or a `script` of ours, in a fork that has its imports behind it. `user` is
    the id of another user of the machine, as whom root can run a fork.
    """
    variables = clean_environment(env)
    if program is None:
        async with forked(arguments, variables, cwd, user=user, script=script) as process:
            yield process
        return
    pipe = asyncio.subprocess.PIPE
    if program is PGBOT:
        variables["PYTHONPATH"] = str(ROOT)  # this checkout's, whichever is installed
    process = await asyncio.create_subprocess_exec(
        *program, *arguments, stdout=pipe, stderr=pipe, env=variables, cwd=cwd
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def run(*arguments, seconds=60, **options):
    """Run a program to its end; with the options of `running_program`."""
    async with running_program(*arguments, **options) as process, asyncio.timeout(seconds):
        out, err = await process.communicate()
        return Ended(process.returncode, out.decode(), err.decode())


def clean_environment(env):
    """Return the environment that a program needs plus the test's own; no settings from outside."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    # A test that names no folder for data must neither find a bot of this user nor leave anything behind.
    return kept | {"PYTHONWARNINGS": "error", "XDG_DATA_HOME": "/nonexistent"} | (env or {})


@asynccontextmanager
async def open_programs_stage(tmp_path: Path, *, clusters=44):
    """Serve simulators, and return the environment that leads a program to them."""
    manifest = manifest_of(SETTINGS)
    async with open_environment(manifest, clock=VirtualClock.of_machine(), clusters=clusters) as demo:
        yield demo, demo.environment(tmp_path / "data")

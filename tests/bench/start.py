"""Start of `pgbot` in the terminal and of `pgbot serve`, and the cost of an audit row."""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import handlers
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.commands.declaration import Registry
from bot.demo.environment import SETTINGS, open_environment
from bot.demo.virtual_clock import VirtualClock
from bot.runtime.database.database import SqliteDatabase
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for
from tests.bench.figures import Figure, percentile, spread
from tests.bench.processes import PGBOT, cloud, environment, serve

RUNS = 5
STARTS = {
    ("--help",): "≤ 0.15 s, 8 ×",
    ("--version",): "≤ 0.15 s, 8 ×",
    ("run", "cluster list"): "≤ 0.5 s, 25 ×, ≤ 60 MB",
}
"""Programs of the terminal, without a `serve` that answers, and their targets: seconds on a machine that does
nothing else, and multiples on any."""

ROWS = 500


METER = """
import os, sys, time
command = sys.argv[1:]
nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
started = time.perf_counter()
_, status, used = os.wait4(os.posix_spawn(command[0], command, os.environ, file_actions=nowhere), 0)
if status:
    sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
print(time.perf_counter() - started, used.ru_maxrss)
"""
"""A small process that starts another: the most memory of a process is also what its parent had."""


async def measure() -> AsyncIterator[Figure]:
    """Measure starts over some runs, and durable audit rows in sequence."""
    for figure in [*await _terminal(), *await _cold_start(), await _audit_rows()]:
        yield figure


async def _terminal() -> list[Figure]:
    """Measure programs of the terminal, each beside an interpreter that does nothing."""
    async with cloud(clusters=44, latency="0") as url:
        contract = {"IONOS_TOKEN": "demo-token", "PGBOT_IONOS__API_URL": f"{url}/databases/postgresql"}
        with tempfile.TemporaryDirectory() as folder:
            extra = contract | {
                "PGBOT_IONOS__REGION_URL": f"{url}/{{region}}",
                "PGBOT_DATA": folder,
                "PYTHONPATH": str(Path.cwd()),
            }
            bare, _ = await _median_run((sys.executable, "-c", "pass"), extra)
            return [
                Figure(
                    f"pgbot {' '.join(words)}",
                    f"{seconds:.2f} s, {seconds / bare:.0f} × python -c pass, {memory:.0f} MB",
                    target,
                )
                for words, target in STARTS.items()
                for seconds, memory in [await _median_run((*PGBOT, *words), extra)]
            ]


async def _median_run(command: tuple[str, ...], extra: dict[str, str]) -> tuple[float, float]:
    """Return the median of seconds, and the most memory in MB, after a run that fills the caches."""
    runs = [await asyncio.to_thread(_run_once, command, environment(extra)) for _ in range(RUNS + 1)][1:]
    return statistics.median(seconds for seconds, _ in runs), max(memory for _, memory in runs)


def _run_once(command: tuple[str, ...], env: dict[str, str]) -> tuple[float, float]:
    measured = subprocess.run(  # noqa: S603 - our own interpreter and code
        (sys.executable, "-c", METER, *command), env=env, stdout=subprocess.PIPE, check=True, text=True
    )
    seconds, kilobytes = measured.stdout.split()
    return float(seconds), int(kilobytes) / 1024


async def _cold_start() -> list[Figure]:
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, Registry.discover(handlers))
    seconds, memory = [], []
    async with open_environment(manifest, clock=VirtualClock.of_machine()) as stage:
        for _ in range(RUNS):
            with tempfile.TemporaryDirectory() as folder:
                async with serve(stage.environment(Path(folder))) as served:
                    seconds.append(served.seconds)
                    memory.append(served.memory_mb())
    return [
        Figure("cold start of pgbot serve to ready", spread(seconds), "< 2 s"),
        Figure("resident memory once ready", f"{max(memory):.0f} MB", "< 200 MB"),
    ]


async def _audit_rows() -> Figure:
    entry = AuditEntry(
        at=datetime.now(UTC),
        kind="invocation",
        trace="0" * 12,
        team="T0",
        actor="slack:U0",
        channel="C0",
        text="x" * 80,
    )
    milliseconds = []
    with tempfile.TemporaryDirectory() as folder:
        database = SqliteDatabase(Path(folder) / "pgbot.db")
        await database.open()
        log = AuditLog(database)
        for _ in range(ROWS):
            started = time.perf_counter()
            await log.append(entry)
            milliseconds.append((time.perf_counter() - started) * 1000)
        await database.close()
    shown = f"median {statistics.median(milliseconds):.2f} ms, p99 {percentile(milliseconds, 0.99):.2f} ms"
    return Figure("durable audit row, one writer", shown, "median ≤ 2 ms")

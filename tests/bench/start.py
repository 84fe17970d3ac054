"""Start of `pgbot` in the terminal and of `pgbot serve`, and the cost of an audit row."""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import handlers
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.commands.declaration import Registry
from bot.demo.environment import SETTINGS, DemoEnvironment, open_environment
from bot.demo.virtual_clock import VirtualClock
from bot.runtime.database.database import SqliteDatabase
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for
from tests.bench.figures import Figure, percentile, spread
from tests.bench.processes import PGBOT, environment, serve
from tests.foreign.client_run import ClientRun, client_run

RUNS = 5

HELP, RUN = "≤ 0.15 s, 8 ×", "≤ 0.5 s, 40 ×, ≤ 60 MB"
STARTS = {
    ("--help",): HELP,
    ("--version",): HELP,
    ("run", "cluster list"): "≤ 0.15 s and serve's, 8 ×",
}
"""Programs of the terminal beside a `serve` that answers, and their targets: seconds on a machine that does
nothing else, and multiples of the processor time of `python -c pass` on any."""

GO_CLI = (("--help",), ("dbaas", "postgres", "cluster", "list"))
"""The same with IONOS's program in Go, where the variable IONOSCTL names it; its list has API v1 alone."""

ROWS = 500


METER = """
import os, sys, time
command = sys.argv[1:]
nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
started = time.perf_counter()
_, status, used = os.wait4(os.posix_spawn(command[0], command, os.environ, file_actions=nowhere), 0)
seconds, processor = time.perf_counter() - started, used.ru_utime + used.ru_stime
print(seconds, processor, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))
"""
"""A small process that starts another: the most memory of a process is also what its parent had."""


@dataclass(frozen=True, slots=True)
class Start:
    """A program that is started again and again, and what it has used: seconds, seconds of the processor, and
    MB of each run, and its exit code."""

    title: str
    command: tuple[str, ...]
    env: dict[str, str]
    target: str = ""
    runs: list[tuple[float, float, float, float]] = field(default_factory=list)

    def run(self) -> None:
        """Run it once."""
        measured = subprocess.run(  # noqa: S603 - our own interpreter and code, and the program that is given
            (sys.executable, "-c", METER, *self.command),
            env=environment(self.env),
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        seconds, processor, memory, code = map(float, measured.stdout.split())
        self.runs.append((seconds, processor, memory, code))

    @property
    def processor(self) -> float:
        """Return the median of its processor time, in seconds."""
        return statistics.median(processor for _, processor, *_ in self.runs)

    def figure(self, bare: "Start") -> Figure:
        """Return its figures, the processor time also in those of an interpreter that does nothing."""
        seconds = statistics.median(seconds for seconds, *_ in self.runs)
        memory = max(memory for _, _, memory, _ in self.runs)
        failed = " (failed)" if any(code for *_, code in self.runs) else ""
        processor = f"{self.processor:.3f} s of processor, {self.processor / bare.processor:.1f} ×"
        return Figure(f"{self.title}{failed}", f"{seconds:.2f} s, {processor}, {memory:.0f} MB", self.target)


async def measure() -> AsyncIterator[Figure]:
    """Measure starts over some runs, and durable audit rows in sequence."""
    for figure in [*await _terminal(), *await _cold_start(), await _audit_rows()]:
        yield figure


async def _terminal() -> list[Figure]:
    """Measure programs of the terminal, in turns with an interpreter that does nothing: what else the machine
    does counts for all."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        async with _stage() as stage, client_run(Path(empty)) as plain:
            own = {"PYTHONPATH": str(Path.cwd())}
            served = stage.environment(Path(folder)) | own
            bare = Start("python -c pass", (sys.executable, "-c", "pass"), own)
            starts = [bare, *_go_cli(plain)]
            starts += [
                Start(f"pgbot {' '.join(words)}", (*PGBOT, *words), served, target)
                for words, target in STARTS.items()
            ]
            alone = served | {"PGBOT_DATA": empty}
            starts.append(Start("the same without serve", starts[-1].command, alone, RUN))
            async with serve(served):
                for each in [*starts, *starts * RUNS]:  # the first round fills the caches
                    await asyncio.to_thread(each.run)
    for each in starts:
        del each.runs[0]
    return [each.figure(bare) for each in starts]


def _go_cli(plain: ClientRun) -> list[Start]:
    """Return the starts of IONOS's program, which cannot read all of the demo's fleet."""
    if not (path := os.environ.get("IONOSCTL")):
        return []
    program = str(Path(path).expanduser().absolute())
    env = {"IONOS_CONFIG_FILE": str(plain.write_endpoints())}
    return [Start(f"ionosctl {' '.join(words)}", (program, *words), env) for words in GO_CLI]


@asynccontextmanager
async def _stage() -> AsyncIterator[DemoEnvironment]:
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, Registry.discover(handlers))
    async with open_environment(manifest, clock=VirtualClock.of_machine()) as stage:
        yield stage


async def _cold_start() -> list[Figure]:
    seconds, memory = [], []
    async with _stage() as stage:
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

"""Duration of `pgbot serve` until it is ready, and the cost of an audit row."""

import statistics
import tempfile
import time
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
from tests.bench.processes import serve

RUNS = 5
ROWS = 500


async def measure() -> list[Figure]:
    """Measure the cold start over some runs, and durable audit rows in sequence."""
    return [*await _cold_start(), await _audit_rows()]


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

"""How soon Slack has its ack while 200 commands are in flight, in both modes."""

import asyncio
import tempfile
import time
from pathlib import Path

import handlers
from bot.command import Registry
from bot.config import load
from bot.demo.stage import SETTINGS, Stage, open_stage
from bot.demo.workspace import acts
from bot.slack.manifest import manifest_for
from tests.bench.figures import Figure, percentile
from tests.bench.processes import Served, serve

IN_FLIGHT = 200
ROUNDS = 5
TARGET = "p99 < 250 ms, worst < 1 s"


async def measure() -> list[Figure]:
    """Acks of a command that asks Slack only, and of one that asks the whole cloud, in both modes."""
    figures = []
    for mode in ("socket", "http"):
        figures += await _mode(mode)
    return figures


async def _mode(mode: str) -> list[Figure]:
    manifest = manifest_for(load(SETTINGS, environment={}).settings, Registry.discover(handlers))
    with tempfile.TemporaryDirectory() as folder:
        async with open_stage(manifest) as stage:
            stage.workspace.enforce_rates = False
            settings = stage.environment(Path(folder)) | {"PGBOT_SLACK__MODE": mode}
            async with serve(settings) as served:
                if mode == "http":
                    stage.workspace.request_url = f"{served.url}/slack/events"
                return await _figures(mode, stage, served)


async def _figures(mode: str, stage: Stage, served: Served) -> list[Figure]:
    await _round(stage, "/pg whoami")
    light = [each for _ in range(ROUNDS) for each in await _round(stage, "/pg whoami")]
    heavy = await _round(stage, "/pg cluster list")
    memory = f"{served.memory_mb():.0f} MB, at most {served.memory_mb('VmHWM'):.0f} MB"
    return [
        Figure(f"ack, {mode}, {IN_FLIGHT} in flight: whoami", _shown(light), TARGET),
        Figure(f"ack, {mode}, {IN_FLIGHT} in flight: cluster list", _shown(heavy), TARGET),
        Figure(f"resident memory after that, {mode}", memory, "< 200 MB"),
    ]


async def _round(stage: Stage, line: str) -> list[float]:
    """Everybody at once; returns when every ack has come and every answer has been posted."""
    before = len(stage.workspace.channels["C0OPS"].messages)
    seconds = await asyncio.gather(*(_ack(stage, line) for _ in range(IN_FLIGHT)))
    deadline = time.perf_counter() + 120
    while len(stage.workspace.channels["C0OPS"].messages) < before + IN_FLIGHT:
        if time.perf_counter() > deadline:
            raise TimeoutError(f"answers to {line} are missing")
        await asyncio.sleep(0.05)
    return list(seconds)


async def _ack(stage: Stage, line: str) -> float:
    started = time.perf_counter()
    outcome = await acts.slash(stage.workspace, user="U0BOB", channel="C0OPS", line=line)
    if not outcome.ok:
        raise RuntimeError(f"Slack shows {outcome.error} for {line}")
    return time.perf_counter() - started


def _shown(seconds: list[float]) -> str:
    p50, p99, worst = (
        value * 1000 for value in (percentile(seconds, 0.5), percentile(seconds, 0.99), max(seconds))
    )
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, worst {worst:.0f} ms"

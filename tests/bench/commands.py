"""Latency of a Slack command's final answer, with 50 ms between the bot and the cloud."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import handlers
from bot.commands.declaration import Registry
from bot.demo.environment import SETTINGS, DemoEnvironment, open_environment
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace import user_actions
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for
from tests.bench.figures import Figure, percentile
from tests.bench.processes import cloud, serve

CLUSTERS = 44
ROUNDS = 30
COMMANDS = (
    "cluster list",
    "cluster show orders-prod",
    "backup list",
    "user list orders-prod",
    "status",
)
TARGET = "p99 < 2 s"
"""After which the bot would tell the person that it is still at work; see `bot.slack.responder`."""


async def measure() -> AsyncIterator[Figure]:
    """Measure each command alone, repeatedly, from the typed line to the message that the person reads."""
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, Registry.discover(handlers))
    with tempfile.TemporaryDirectory() as folder:
        async with (
            cloud(clusters=CLUSTERS, latency="50ms") as url,
            open_environment(manifest, clock=VirtualClock.of_machine()) as stage,
        ):
            stage.workspace.enforce_rates = False
            settings = stage.environment(Path(folder)) | {
                "PGBOT_IONOS__API_URL": f"{url}/databases/postgresql",
                "PGBOT_IONOS__REGION_URL": f"{url}/{{region}}",
            }
            async with serve(settings):
                for text in COMMANDS:
                    yield await _figure(stage, text)


async def _figure(stage: DemoEnvironment, text: str) -> Figure:
    await _answered(stage, text)
    seconds = [await _answered(stage, text) for _ in range(ROUNDS)]
    p50, p99 = (percentile(seconds, share) * 1000 for share in (0.5, 0.99))
    what = f"{text}: from line to answer, {CLUSTERS:,} clusters, 50 ms"
    return Figure(what, f"p50 {p50:.0f} ms, p99 {p99:.0f} ms", TARGET)


async def _answered(stage: DemoEnvironment, text: str) -> float:
    """Return the seconds until the answer is in the channel. Raise RuntimeError for any other outcome."""
    messages = stage.workspace.channels["C0OPS"].messages
    known = set(messages)
    started = time.perf_counter()
    outcome = await user_actions.slash(stage.workspace, user="U0BOB", channel="C0OPS", text=f"/pg {text}")
    deadline = started + 60
    while not (new := [messages[ts] for ts in messages.keys() - known if messages[ts].blocks]):
        if not outcome.ok or time.perf_counter() > deadline:
            raise RuntimeError(f"no answer to {text}")
        await asyncio.sleep(0.001)
    took = time.perf_counter() - started
    if "Error" in str(new[0].blocks[0]):
        raise RuntimeError(f"{text}: {new[0].text}")
    return took

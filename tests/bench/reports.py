"""Duration of a hundred reports of one minute over 1,000 clusters at 50 ms, and their requests to the
cloud."""

import asyncio
import os
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import handlers
from bot.commands.declaration import Registry
from bot.demo.environment import SETTINGS, DemoEnvironment, open_environment
from bot.demo.http_client import loopback_client
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.conversation import Channel
from bot.demo.workspace.members import BOT_USER
from bot.domain.request import Actor, Invocation, Origin
from bot.ionos.read_cache import TimedCache
from bot.programs.kernel import Kernel
from bot.programs.serve import serving
from bot.reports.job import MAX_LISTING_AGE
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for
from tests.bench.figures import Figure
from tests.bench.processes import cloud

REPORTS = 100
CLUSTERS = 1_000
CHANNELS = [f"C0TEAM{number}" for number in range(10)]
COMMANDS = [f"summary {name}" for name in ("fleet", "migration", "backups", "changes", "activity")]
LINE = "  - {{name: r{n}, command: {command}, when: every hour, channel: {channel}, owner: U0BOB}}\n"


async def measure() -> AsyncIterator[Figure]:
    """Measure all five built-in reports, twice for each of ten channels, due in the same minute."""
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, Registry.discover(handlers))
    with tempfile.TemporaryDirectory(prefix="pgbot-bench-") as name:
        async with (
            cloud(clusters=CLUSTERS, latency="50ms") as url,
            open_environment(manifest, clock=VirtualClock.of_machine()) as stage,
        ):
            for channel in CHANNELS:
                stage.workspace.add_channel(Channel(id=channel, name=channel.lower(), members={BOT_USER}))
            variables = stage.environment(Path(name) / "data") | {
                "PGBOT_CONFIG": str(_settings(Path(name))),
                "PGBOT_IONOS__API_URL": f"{url}/databases/postgresql",
                "PGBOT_IONOS__REGION_URL": f"{url}/{{region}}",
            }
            os.environ.update(variables)
            async with serving(load_settings(environment=variables), stage.clock) as bot:
                for figure in await _burst(stage, bot.kernel, url):
                    yield figure


def _settings(folder: Path) -> Path:
    """Write the demo's app.yaml with the hundred reports in the place of its own."""
    kept = SETTINGS.read_text(encoding="utf-8").partition("\nreports:")[0].partition("\nholidays:")[0]
    lines = [
        LINE.format(n=n, command=COMMANDS[n % len(COMMANDS)], channel=CHANNELS[n % len(CHANNELS)])
        for n in range(REPORTS)
    ]
    path = folder / "app.yaml"
    path.write_text(f"{kept}\nreports:\n{''.join(lines)}", encoding="utf-8")
    return path


async def _burst(stage: DemoEnvironment, kernel: Kernel, url: str) -> list[Figure]:
    rows = kernel.dispatcher.reports.rows

    async def all_are_seen() -> bool:
        return len(await rows.standings()) == REPORTS

    async def all_are_over() -> bool:
        return len(await rows.last_slots()) == REPORTS and not await rows.open_slots()

    await _until(all_are_seen)
    before = await _calls(url)
    await _one_of_each(kernel)
    between = await _calls(url)
    stage.clock.advance(timedelta(hours=1))
    started = time.perf_counter()
    await _until(all_are_over)
    seconds = time.perf_counter() - started
    calls, most = await _calls(url) - between, _most_in_a_channel(stage)
    what = f"{REPORTS} reports due at once, {CLUSTERS:,} clusters, 50 ms, {len(CHANNELS)} channels"
    return [
        Figure(f"{what}: last has arrived", f"{seconds:.1f} s", f"Slack's pace alone: {most - 1} s"),
        Figure(f"{what}: API calls", f"{calls:,}", f"one of each alone: {between - before:,}"),
    ]


async def _one_of_each(kernel: Kernel) -> None:
    """Run a single report of each kind, where all five share their reads."""
    fleet = kernel.fleet.cached(TimedCache(kernel.clock, MAX_LISTING_AGE))
    dispatcher = replace(kernel.dispatcher, fleet=fleet)
    for command in COMMANDS:
        invocation = Invocation(
            key=command,
            trace=secrets.token_hex(6),
            actor=Actor(origin=Origin.SCHEDULE, id="bench"),
            channel=CHANNELS[0],
            text=command,
            at=kernel.clock.now(),
        )
        reply = await dispatcher.dispatch(invocation)
        if not reply.ok:
            raise RuntimeError(f"{command}: {reply.title}")


def _most_in_a_channel(stage: DemoEnvironment) -> int:
    """Return the messages in the fullest channel. Raise RuntimeError when a report is missing or there
    twice."""
    messages = [stage.workspace.channels[channel].messages.values() for channel in CHANNELS]
    names = Counter(each.text.partition(":")[0] for found in messages for each in found if not each.thread_ts)
    if names != Counter(f"r{n}" for n in range(REPORTS)):
        raise RuntimeError(f"not one of each: {names}")
    return max(len(found) for found in messages)


async def _until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(300):
        while not await is_so():
            await asyncio.sleep(0.05)


async def _calls(url: str) -> int:
    async with loopback_client() as operator:
        rows = (await operator.get(f"{url}/_cloud/calls")).json()["calls"]
    return sum(row["count"] for row in rows)

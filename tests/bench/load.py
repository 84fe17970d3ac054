"""Forty people who ask for a list at once over 1,000 and 5,000 clusters, one who asks for everything that
reads them all, and 10,000 commands in a row.

PGBOT_BENCH_COMMANDS makes the row shorter.
"""

import asyncio
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

import handlers
from bot.commands.declaration import Registry
from bot.demo.environment import SETTINGS, DemoEnvironment, open_environment
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.members import SlackAccount
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for
from tests.bench.acks import Hand
from tests.bench.figures import Figure, percentile
from tests.bench.loop_meter import LoopStall, read_stalls
from tests.bench.processes import Served, cloud, serve

PEOPLE = tuple(f"U0LOAD{number}" for number in range(40))
SECONDS, PAUSE = 25.0, 1.25
"""Seconds for which everybody asks, and between two questions of one person."""

ANSWERED, REST = 30.0, 60.0
"""Seconds after the last question until everybody has a list, and until the bot is at rest again."""

WHOLE_FLEET = (
    "cluster list --output json",
    "backup list --output json",
    "status",
    "migration status",
    "summary migration",
    "help",
)
"""Lines that read 5,000 clusters, and the page that describes every argument."""

COMMANDS = int(os.environ.get("PGBOT_BENCH_COMMANDS", "10000"))
AT_ONCE = 10
LINES = ("cluster list", "cluster show orders-prod", "backup list", "whoami", "help restore")


async def measure() -> AsyncIterator[Figure]:
    """Measure the load of many people, then that of many commands."""
    for people in (1_000, 5_000):
        for figure in await _crowd(people):
            yield figure
    for figure in await _alone(5_000):
        yield figure
    for figure in await _row():
        yield figure


@dataclass(slots=True)
class _Bot:
    """A bot under load, and what was seen of it: the memory in MB, the seconds after which each person had
    the first list, and the number of lists."""

    stage: DemoEnvironment
    hand: Hand
    served: Served
    stalls: Path
    memory: list[float] = field(default_factory=list)
    first: dict[str, float] = field(default_factory=dict)
    lists: int = 0

    async def ask(self, user: str, started: float) -> list[float]:
        """Ask at even times, however long the acks take; return the seconds of each ack."""
        sent = []
        for number in range(int(SECONDS / PAUSE)):
            await asyncio.sleep(started + number * PAUSE - time.perf_counter())
            sent.append(asyncio.create_task(self.hand.types("cluster list", user=user)))
        return await asyncio.gather(*sent)

    async def watch(self, started: float) -> None:
        """Note memory and lists a few times a second."""
        messages = self.stage.workspace.channels["C0OPS"].messages
        while True:
            if self.served.process.returncode is None:
                self.memory.append(self.served.memory_mb())
            lists = [each for each in messages.values() if each.blocks and each.only_for in PEOPLE]
            self.lists = len(lists)
            for each in lists:
                self.first.setdefault(str(each.only_for), time.perf_counter() - started)
            await asyncio.sleep(0.2)

    def count_descriptors(self) -> int:
        """Return the number of open descriptors (Linux)."""
        return len([*Path(f"/proc/{self.served.process.pid}/fd").iterdir()])


@asynccontextmanager
async def _bot(url: str) -> AsyncIterator[_Bot]:
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, Registry.discover(handlers))
    with tempfile.TemporaryDirectory() as folder:
        async with open_environment(manifest, clock=VirtualClock.of_machine()) as stage:
            _invite(stage)
            stalls, settings = Path(folder) / "stalls.json", Path(folder) / "app.yaml"
            settings.write_text(SETTINGS.read_text().replace("dba: [", f"dba: [{', '.join(PEOPLE)}, "))
            variables = stage.environment(Path(folder)) | {
                "PGBOT_CONFIG": str(settings),
                "PGBOT_IONOS__API_URL": f"{url}/databases/postgresql",
                "PGBOT_IONOS__REGION_URL": f"{url}/{{region}}",
                "PGBOT_SLACK__MODE": "http",
                "PGBOT_LIMITS__COMMANDS_PER_MINUTE": "100000",
            }
            program = (sys.executable, "-m", "tests.bench.loop_meter", str(stalls))
            connector = aiohttp.TCPConnector(limit=0)
            client = aiohttp.ClientSession(connector=connector)
            async with client as session, serve(variables, program) as served:
                yield _Bot(stage, Hand(stage, session, f"{served.url}/slack/events"), served, stalls)


def _invite(stage: DemoEnvironment) -> None:
    workspace = stage.workspace
    workspace.enforce_rates = False
    workspace.add_people(SlackAccount(id=each, name=each.lower(), real_name=each) for each in PEOPLE)
    workspace.channels["C0OPS"].members |= {*PEOPLE}


async def _crowd(clusters: int) -> list[Figure]:
    async with cloud(clusters=clusters, latency="50ms") as url, _bot(url) as bot:
        # At rest means after a first list: what it loads and keeps is there from then on.
        await bot.hand.types("cluster list", user=PEOPLE[0])
        await asyncio.sleep(10)
        bot.stage.workspace.channels["C0OPS"].messages.clear()
        before, started = bot.served.memory_mb(), time.perf_counter()
        watching = asyncio.create_task(bot.watch(started))
        asked = await asyncio.gather(*(bot.ask(user, started) for user in PEOPLE))
        await asyncio.sleep(ANSWERED)
        watching.cancel()
        await asyncio.sleep(REST - ANSWERED)
        rest = bot.served.memory_mb() if bot.served.process.returncode is None else 0.0
        ended = time.perf_counter()
        await bot.served.stop()
        worst = max(
            (each for each in read_stalls(bot.stalls) if started <= each.at <= ended),
            key=lambda each: each.seconds,
            default=LoopStall(0, 0, 0, 0),
        )
    acks, first = [ack for each in asked for ack in each], sorted(bot.first.values())
    p50, p99 = (percentile(acks, share) * 1000 for share in (0.5, 0.99))
    took = f", half after {statistics.median(first):.1f} s, all after {first[-1]:.1f} s" if first else ""
    where = f"{len(PEOPLE)} people, {clusters:,} clusters"
    return [
        Figure(f"ack, {where}", f"p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(acks)}", "p99 < 250 ms"),
        Figure(
            f"longest stall of the loop, {where}",
            f"{worst.seconds * 1000:.0f} ms: {worst.processor * 1000:.0f} ms at work, "
            f"{worst.queued * 1000:.0f} ms without a processor",
            "< 200 ms",
        ),
        Figure(f"people with a list, {where}", f"{len(first)}{took}", f"{len(PEOPLE)}"),
        Figure(f"lists, {where}", f"{bot.lists} of {len(acks)}"),
        Figure(f"most memory, {where}", f"{max(bot.memory):.0f} MB", "< 300 MB"),
        Figure(f"memory {REST:.0f} s after, {where}", f"{rest:.0f} MB, before {before:.0f} MB"),
    ]


async def _alone(clusters: int) -> list[Figure]:
    async with cloud(clusters=clusters, latency="50ms") as url, _bot(url) as bot:
        await _answered(bot, ["whoami"])
        started, ends = time.perf_counter(), []
        for line in WHOLE_FLEET:
            await _answered(bot, [line])
            # What is recorded after the answer counts as well.
            await asyncio.sleep(2)
            ends.append(time.perf_counter())
        await bot.served.stop()
        stalls = [each for each in read_stalls(bot.stalls) if started <= each.at <= ends[-1]]
        worst = max(stalls, key=lambda each: each.seconds)
    line = next(line for line, end in zip(WHOLE_FLEET, ends, strict=True) if worst.at <= end)
    words = f"{worst.seconds * 1000:.0f} ms: {worst.processor * 1000:.0f} ms at work ({line})"
    return [Figure(f"longest stall of the loop, one person, {clusters:,} clusters", words, "< 200 ms")]


async def _row() -> list[Figure]:
    async with cloud(clusters=44, latency="0ms") as url, _bot(url) as bot:
        lines = itertools.cycle(LINES)
        used = []
        for half in range(3):
            # The first tenth warms up what is loaded or opened once.
            number = COMMANDS // 10 if half == 0 else COMMANDS // 2
            for _ in range(number // AT_ONCE):
                await _answered(bot, list(itertools.islice(lines, AT_ONCE)))
            # Connections to the cloud are kept for 5 s, and those beyond are closed by the next request.
            await asyncio.sleep(6)
            await _answered(bot, ["cluster list"])
            used.append((bot.served.memory_mb(), bot.count_descriptors()))
    (_, _), (memory, descriptors), (memory_after, descriptors_after) = used
    return [
        Figure(
            f"memory after half of {COMMANDS:,} commands, and after all",
            f"{memory:.0f} MB, {memory_after:.0f} MB ({memory_after / memory - 1:+.1%})",
            "< 5 % more",
        ),
        Figure(
            f"descriptors after half of {COMMANDS:,} commands, and after all",
            f"{descriptors}, {descriptors_after}",
            "< 5 % more",
        ),
    ]


async def _answered(bot: _Bot, lines: list[str]) -> None:
    """Give commands at once, and wait for the answer to each."""
    messages = bot.stage.workspace.channels["C0OPS"].messages
    messages.clear()
    await asyncio.gather(*(bot.hand.types(line, user=PEOPLE[0]) for line in lines))
    deadline = time.perf_counter() + 60
    while sum(bool(each.blocks) and each.only_for in PEOPLE for each in messages.values()) < len(lines):
        if time.perf_counter() > deadline:
            raise TimeoutError(f"answers to {lines} are missing")
        await asyncio.sleep(0.005)

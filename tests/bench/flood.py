"""Acks for others while one person sends 50 commands a second for a minute, in both modes."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

import handlers
from bot.commands.declaration import Registry
from bot.demo.environment import SETTINGS, open_environment
from bot.demo.virtual_clock import VirtualClock
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for
from tests.bench.acks import Hand
from tests.bench.figures import Figure, percentile
from tests.bench.processes import Served, serve

PER_SECOND, SECONDS = 50, 60
OTHERS_PAUSE = 0.25
LINE = "cluster list"
TARGET = "p99 < 250 ms"


async def measure() -> AsyncIterator[Figure]:
    """Measure the acks of others and what the flood costs the bot."""
    for mode in ("http", "socket"):
        for figure in await _mode(mode):
            yield figure


async def _mode(mode: str) -> list[Figure]:
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, Registry.discover(handlers))
    with tempfile.TemporaryDirectory() as folder:
        async with open_environment(manifest, clock=VirtualClock.of_machine()) as stage:
            stage.workspace.enforce_rates = False
            stage.workspace.ack_seconds = 30.0
            settings = stage.environment(Path(folder)) | {"PGBOT_SLACK__MODE": mode}
            connector = aiohttp.TCPConnector(limit=0)
            async with serve(settings) as served, aiohttp.ClientSession(connector=connector) as session:
                url = f"{served.url}/slack/events" if mode == "http" else None
                return await _figures(Hand(stage, session, url), served, mode)


async def _figures(hand: Hand, served: Served, mode: str) -> list[Figure]:
    await hand.types("whoami")
    used = served.cpu_seconds()
    flood = asyncio.create_task(_flood(hand))
    others = []
    while not flood.done():
        others.append(await hand.types("whoami", user="U0ALICE"))
        await asyncio.sleep(OTHERS_PAUSE)
    await flood
    used = served.cpu_seconds() - used
    p50, p99 = (percentile(others, share) * 1000 for share in (0.5, 0.99))
    what = f"ack for others, {mode}, one person sends {PER_SECOND}/s for {SECONDS} s"
    return [
        Figure(what, f"p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(others)}", TARGET),
        Figure(f"processor time of the bot for that, {mode}", f"{used / SECONDS:.0%} of a core"),
    ]


async def _flood(hand: Hand) -> None:
    """Send commands at their times, however long their acks take."""
    started, sent = time.monotonic(), set()
    for number in range(PER_SECOND * SECONDS):
        await asyncio.sleep(started + number / PER_SECOND - time.monotonic())
        sent.add(asyncio.create_task(hand.types(LINE, may_be_refused=True)))
    await asyncio.gather(*sent)

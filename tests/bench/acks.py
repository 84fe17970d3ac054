"""Latency of Slack's acks while 200 commands are in flight, in both modes."""

import asyncio
import itertools
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

import handlers
from bot.commands.declaration import Registry
from bot.demo.environment import SETTINGS, DemoEnvironment, open_environment
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace import user_actions
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for
from tests.bench.figures import Figure, percentile
from tests.bench.processes import Served, serve

IN_FLIGHT = 200
ROUNDS = 5
TARGET = "p99 < 250 ms, worst < 1 s"


async def measure() -> AsyncIterator[Figure]:
    """Measure acks of a command that calls only Slack, and of one that calls the whole cloud, in both
    modes."""
    for mode in ("socket", "http"):
        for figure in await _mode(mode):
            yield figure


async def _mode(mode: str) -> list[Figure]:
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, Registry.discover(handlers))
    with tempfile.TemporaryDirectory() as folder:
        async with open_environment(manifest, clock=VirtualClock.of_machine()) as stage:
            stage.workspace.enforce_rates = False
            settings = stage.environment(Path(folder)) | {
                "PGBOT_SLACK__MODE": mode,
                "PGBOT_LIMITS__COMMANDS_PER_MINUTE": "100000",
            }
            connector = aiohttp.TCPConnector(limit=0)
            async with serve(settings) as served, aiohttp.ClientSession(connector=connector) as session:
                url = f"{served.url}/slack/events" if mode == "http" else None
                return await _figures(Hand(stage, session, url), served)


@dataclass(frozen=True, slots=True)
class Hand:
    """A sender of commands: over HTTP straight to the bot, signed as Slack signs them; else through the
    socket."""

    stage: DemoEnvironment
    session: aiohttp.ClientSession
    url: str | None
    numbers: Iterator[int] = field(default_factory=itertools.count)
    verifier: SignatureVerifier = field(default_factory=lambda: SignatureVerifier("demo-signing-secret"))

    async def types(self, text: str, *, user: str = "U0BOB", may_be_refused: bool = False) -> float:
        """Return the seconds until Slack has its ack. Raises RuntimeError if it says that nothing is run."""
        started = time.perf_counter()
        if self.url is None:
            outcome = await user_actions.slash(
                self.stage.workspace, user=user, channel="C0OPS", text=f"/pg {text}"
            )
            fine = outcome.ok and (may_be_refused or not outcome.ack)
        else:
            body, headers = self._signed(text, user)
            async with self.session.post(self.url, data=body, headers=headers) as response:
                said = await response.read()
                fine = response.status == 200 and (may_be_refused or said == b"")
        if not fine:
            raise RuntimeError(f"no ack for {text}")
        return time.perf_counter() - started

    def _signed(self, text: str, user: str) -> tuple[str, dict[str, str]]:
        form = {
            "command": "/pg",
            "text": text,
            "team_id": "T0DEMO",
            "user_id": user,
            "channel_id": "C0OPS",
            "trigger_id": f"bench.{next(self.numbers)}",
        }
        body, at = urlencode(form), str(int(time.time()))
        signature = self.verifier.generate_signature(timestamp=at, body=body) or ""
        return body, {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": at,
            "x-slack-signature": signature,
        }


async def _figures(hand: Hand, served: Served) -> list[Figure]:
    mode = "http" if hand.url else "socket"
    await _round(hand, "whoami")
    light = [each for _ in range(ROUNDS) for each in await _round(hand, "whoami")]
    heavy = await _round(hand, "cluster list")
    memory = f"{served.memory_mb():.0f} MB, at most {served.memory_mb('VmHWM'):.0f} MB"
    return [
        Figure(f"ack, {mode}, {IN_FLIGHT} in flight: whoami", _shown(light), TARGET),
        Figure(f"ack, {mode}, {IN_FLIGHT} in flight: cluster list", _shown(heavy), TARGET),
        Figure(f"resident memory after that, {mode}", memory, "< 200 MB"),
    ]


async def _round(hand: Hand, text: str) -> list[float]:
    """Send all commands at once; return when every ack has come and every answer has been posted."""
    messages = hand.stage.workspace.channels["C0OPS"].messages
    before = len(messages)
    seconds = await asyncio.gather(*(hand.types(text) for _ in range(IN_FLIGHT)))
    deadline = time.perf_counter() + 120
    while len(messages) < before + IN_FLIGHT:
        if time.perf_counter() > deadline:
            raise TimeoutError(f"answers to {text} are missing")
        await asyncio.sleep(0.05)
    return list(seconds)


def _shown(seconds: list[float]) -> str:
    p50, p99, worst = (
        value * 1000 for value in (percentile(seconds, 0.5), percentile(seconds, 0.99), max(seconds))
    )
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, worst {worst:.0f} ms"

"""Latency of a change's card, of a click's ack and of the approved request; and a start with many changes."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import handlers
from bot.changes.record import OPEN, Card, ChangeRecord, ChangeState
from bot.changes.service import new_change_id
from bot.commands.declaration import Registry
from bot.demo.cloud.records import ClusterRecord, Phase
from bot.demo.environment import SETTINGS, DemoEnvironment, open_environment
from bot.demo.virtual_clock import EPOCH
from bot.demo.workspace import clicks, forms, user_actions
from bot.demo.workspace.conversation import StoredMessage
from bot.programs.kernel import Kernel, open_kernel
from bot.programs.serve import serving
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for
from tests.bench.figures import Figure, percentile, spread
from tests.bench.processes import serve
from tests.bench.replay import plan_entry

CHANGES = 30
PENDING = 500
STARTS = 3
CHANNEL = "C0OPS"
TARGET = f"{EPOCH - timedelta(days=3):%Y-%m-%dT%H:%MZ}"


async def measure() -> AsyncIterator[Figure]:
    """Measure single changes through the bot, then starts with none and with many pending ones."""
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, Registry.discover(handlers))
    with tempfile.TemporaryDirectory(prefix="pgbot-bench-") as name:
        async with open_environment(manifest, clusters=150) as stage:
            os.environ.update(stage.environment(Path(name) / "way"))
            for figure in [*await _ways(stage, Path(name) / "way"), *await _starts(stage, Path(name))]:
                yield figure


async def _ways(stage: DemoEnvironment, data: Path) -> list[Figure]:
    cards, acks, posts = [], [], []
    async with serving(load_settings(environment=stage.environment(data)), stage.clock) as bot:
        for cluster in _fit(stage)[:CHANGES]:
            way = _Way(stage, bot.kernel, cluster)
            cards.append(await way.propose())
            acks.append(await way.approve())
            posts.append(await way.sent())
            await way.over()
    where = "in one process with both simulators"
    return [
        Figure(f"change: asked for to card, {where}", _shown(cards)),
        Figure(f"change: click to ack, {where}", _shown(acks), "p99 < 250 ms"),
        Figure(f"change: last approval to request at the cloud, {where}", _shown(posts)),
    ]


def _fit(stage: DemoEnvironment) -> list[ClusterRecord]:
    """Return clusters at rest with plain names for which one approval is enough, on the API without
    passwords."""
    return [
        each
        for each in stage.cloud.everything()
        if (each.api, each.phase, each.contract) == ("v1", Phase.AVAILABLE, 21000001)
        and "prod" not in each.name
        and each.name.replace("-", "").isalnum()
        and each.created_at < EPOCH - timedelta(days=30)
    ]


class _Way:
    """A change from the typed line to its end; each step returns its seconds."""

    def __init__(self, stage: DemoEnvironment, kernel: Kernel, cluster: ClusterRecord) -> None:
        self._stage = stage
        self._rows = kernel.dispatcher.changes.rows
        self._cluster = cluster
        self._card: StoredMessage | None = None
        self._clicked = 0.0

    async def propose(self) -> float:
        started = time.perf_counter()
        line = f"/pg restore {self._cluster.id} --to {TARGET}"
        await user_actions.slash(self._stage.workspace, user="U0ALICE", channel=CHANNEL, text=line)
        await _until(self._shown)
        return time.perf_counter() - started

    def _shown(self) -> bool:
        messages = self._stage.workspace.channels[CHANNEL].messages.values()
        ours = [each for each in messages if each.only_for is None and self._cluster.name in each.text]
        self._card = next((each for each in ours if "waiting for" in each.text), None)
        return self._card is not None

    async def approve(self) -> float:
        """Return the seconds until Slack has the ack of the click."""
        assert self._card is not None
        self._clicked = time.perf_counter()
        button = {"channel": CHANNEL, "ts": self._card.ts, "label": "Approve restore"}
        await clicks.click(self._stage.workspace, user="U0BOB", target=button)
        taken = time.perf_counter() - self._clicked
        await _until(lambda: bool(self._forms()))
        self._clicked = time.perf_counter()
        await forms.submit(self._stage.workspace, user="U0BOB", view_id=self._forms()[0], values={})
        return taken

    def _forms(self) -> list[str]:
        """Return the ids of the forms that Bob can submit."""
        views = self._stage.workspace.views.stack("U0BOB")
        return [each.id for each in views if each.content.get("submit")]

    async def sent(self) -> float:
        """Return the seconds from the submitted form until the request has arrived."""
        posts = self._stage.cloud.posts
        await _until(lambda: any(post["id"] == self._cluster.id for post in posts.rows()))
        return time.perf_counter() - self._clicked

    async def over(self) -> None:
        """End the restore and its notifications, so that the next one meets a bot at rest."""
        rows = self._rows
        while await rows.in_states(OPEN) or await rows.pending_posts():
            self._stage.clock.advance(timedelta(seconds=30))
            await asyncio.sleep(0.01)


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not is_so():
            await asyncio.sleep(0.001)


async def _starts(stage: DemoEnvironment, folder: Path) -> list[Figure]:
    none = [await _start(stage, folder / f"none-{number}", []) for number in range(STARTS)]
    waiting = await _waiting(stage, folder / "way")
    many = [await _start(stage, folder / f"many-{number}", waiting) for number in range(STARTS)]
    return [
        Figure("start with no changes, to ready", spread(none), "< 2 s"),
        Figure(f"start with {PENDING} that wait for approval, to ready", spread(many), "< 2 s"),
    ]


async def _waiting(stage: DemoEnvironment, data: Path) -> list[ChangeRecord]:
    """Store the configured number of proposals, after the pattern of one that the bot has made."""
    async with open_kernel(load_settings(environment=stage.environment(data)), stage.clock) as kernel:
        (pattern, *_) = await kernel.dispatcher.changes.rows.latest(1)
    later = pattern.proposed_at + timedelta(days=366)
    return [
        replace(
            pattern,
            id=new_change_id(),
            state=ChangeState.PROPOSED,
            expires_at=later,
            ended_at=None,
            started_at=None,
        )
        for _ in range(PENDING)
    ]


async def _start(stage: DemoEnvironment, data: Path, records: list[ChangeRecord]) -> float:
    async with open_kernel(load_settings(environment=stage.environment(data)), stage.clock) as kernel:
        rows = kernel.dispatcher.changes.rows
        await asyncio.gather(*(rows.add(each, plan_entry(each)) for each in records))
        await asyncio.gather(
            *(rows.put_card(Card(each.id, CHANNEL, "1.000001", each.version)) for each in records)
        )
    async with serve(stage.environment(data)) as served:
        return served.seconds


def _shown(seconds: list[float]) -> str:
    p50, p99 = (percentile(seconds, share) * 1000 for share in (0.5, 0.99))
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms of {len(seconds)}"

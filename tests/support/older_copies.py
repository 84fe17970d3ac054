"""A change that runs to its end, copies of the bot's files at every point on its way, and a bot on copies."""

import asyncio
import itertools
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from change_kit import OVER, SETTINGS, TARGET, ChangeStage, change_stage
from copied_files import copy_files, put_back
from yaml_files import read_yaml, write_yaml

from bot.audit.backup import ROWS
from bot.audit.lineage_store import ENGINE
from bot.changes.record import ChangeState

APPROVED, ENDED = "approved", "ended and told"
"""Copies from before any bot ran, and from after its clean stop."""

LOST = "lost"


@dataclass
class Walk:
    """One restore that has ended, and the copies of both files on its way."""

    stage: ChangeStage
    cluster: object
    change: str
    folder: Path
    seen: list = field(default_factory=list)

    @property
    def line(self):
        return f"restore {self.cluster.id} --to {TARGET}"

    def copy(self, point):
        """Keep a copy of both files, the first time that a point is passed."""
        if point in self.seen:
            return
        self.seen.append(point)
        copy_files(self.folder / "data", self.folder / point)

    def put_back(self, rows, engine):
        """Return a folder with pgbot.db as it was at one point, and engine.db as at another."""
        data = self.folder / f"{rows}, {engine}".replace(" ", "_")
        data.mkdir()
        for name, point in ((ROWS, rows), (ENGINE, engine)):
            if point != LOST:
                put_back(self.folder / point, data, [name])
        return data

    @asynccontextmanager
    async def on_copies(self, rows, engine):
        """Serve on copies; yield the room."""
        async with self.stage.served(self.put_back(rows, engine)) as room:
            yield room

    def pairs(self, seed, count):
        """Return pairs of points whose copies are put back together, in an order of the seed."""
        every = list(itertools.product(self.seen, [*self.seen, LOST]))
        random.Random(seed).shuffle(every)  # noqa: S311 - the same for the same seed
        return every[:count]

    async def outcome(self, rows, engine, seconds=400):
        """Return what is wrong after a bot worked on copies for some seconds of its clock."""
        async with self.on_copies(rows, engine) as room:
            until = self.stage.clock.monotonic() + seconds
            while self.stage.clock.monotonic() < until and len(self.stage.posts(self.cluster)) == 1:
                await asyncio.sleep(0.05)
                if await self._is_settled(room):
                    break
            return await self._judge(room)

    async def _is_settled(self, room):
        record = await room.rows.get(self.change)
        return record.state in OVER or bool(room.rows.log.doubt)

    async def _judge(self, room):
        record = await room.rows.get(self.change)
        attempt = await room.rows.attempt(self.change)
        wrong = []
        if len(self.stage.posts(self.cluster)) != 1:
            wrong.append(f"{len(self.stage.posts(self.cluster))} requests")
        if record.state is ChangeState.DONE and attempt is None:
            wrong.append("done, and no row says that it was sent")
        if record.state is ChangeState.FAILED:
            wrong.append(f"failed: {record.result}")
        return wrong


@asynccontextmanager
async def walked(tmp_path, trace="full", *, channel=True):
    """Run a restore of a cluster to its end; `trace` is when the cloud shows it. Without a `channel` the bot
    keeps nothing outside of its machine."""
    async with change_stage(settings=SETTINGS if channel else settings_without_channel(tmp_path)) as stage:
        stage.cloud.switches = replace(stage.cloud.switches, restore_trace=trace)
        cluster = stage.clusters("v1")[0]
        async with stage.room(tmp_path / "data") as room:
            record = await room.asks("alice", f"restore {cluster.id} --to {TARGET}")
            await room.says("bob", f"change approve {record.id}")
        walk = Walk(stage, cluster, record.id, tmp_path)
        walk.copy(APPROVED)
        async with stage.served(tmp_path / "data", walk.copy) as served:
            await served.until(record.id)
            await served.told()
        walk.copy(ENDED)
        assert len(stage.posts(cluster)) == 1
        yield walk


def settings_without_channel(folder):
    """Return settings of a bot that keeps nothing outside of its machine."""
    values = read_yaml(SETTINGS)
    del values["approvals"]["channel"]
    write_yaml(folder / "app.yaml", values)
    return folder / "app.yaml"


async def wrong_after(tmp_path, trace, seed, count):
    """Return what is wrong after copies of so many pairs of points were put back, by pair."""
    async with walked(tmp_path, trace) as walk:
        return {pair: wrong for pair in walk.pairs(seed, count) if (wrong := await walk.outcome(*pair))}

"""Kills of the bot at every point of a change, against simulators that count, and a verdict on each."""

import asyncio
import html
import itertools
import json
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from change_kit import CONTRACT, OVER, TARGET, ChangeStage, Room, change_stage
from copied_files import put_back
from crash_cases import ACCEPTED, Case, Outcome
from zygote import Zygote, open_zygote

from bot.audit.verify import verify
from bot.changes.record import ChangeState
from bot.demo.cloud.cloud import MUTATING
from bot.demo.loopback_server import ConnectionCut
from bot.demo.virtual_clock import EPOCH

AT_ONCE = 4


class Deadly:
    """A cloud that, where ordered, carries out the request and kills the caller instead of answering."""

    def __init__(self, app):
        self._app = app
        self.kill = {}

    async def __call__(self, scope, receive, send):
        cluster = next((each for each in self.kill if each in scope.get("path", "")), None)
        if cluster is None or scope["method"] not in MUTATING:
            return await self._app(scope, receive, send)

        async def lost(_message):
            self.kill.pop(cluster)()
            raise ConnectionCut

        return await self._app(scope, receive, lost)


@dataclass
class CrashSite:
    """Both simulators, shared by all cases, and a cluster of its own for each case that runs."""

    stage: ChangeStage
    zygote: Zygote
    deadly: Deadly
    folder: Path
    numbers: itertools.count = field(default_factory=itertools.count)
    free: dict = field(default_factory=dict)

    async def start(self, data, die_at="", *, copied_from=None, **troubles):
        """Start a bot; on a folder that was copied from another it is a bot of the same Slack app."""
        troubles = {"die_at": die_at, "full_at": "", "copy_at": "", "jump": None} | troubles
        clock = self.stage.clock
        if room := self.stage.rooms.get(data):
            await room.only_read()
        return await self.zygote.fork(
            environment=self.stage.environment(copied_from or data) | {"PGBOT_DATA": str(data)},
            origin=clock.origin,
            speed=clock.speed,
            **troubles,
            # A log on the full disk would be a trouble of its own.
            log=os.devnull if troubles["full_at"] else str(data.with_suffix(".log")),
        )

    @asynccontextmanager
    async def cluster(self, api):
        """Return a cluster at rest that nobody else uses meanwhile."""
        free = self.free[api]
        cluster = await free.get()
        try:
            yield cluster
        finally:
            free.put_nowait(cluster)

    async def run_all(self, cases, at_once=AT_ONCE, trial=None):
        """Return the outcomes of all, in groups of one trace, which is a switch of the whole cloud."""
        places, outcomes = asyncio.Semaphore(at_once), []

        async def one(case):
            async with places:
                return await self.run(case, trial or Trial)

        for trace in ("full", "late", "none"):
            self.stage.cloud.switches = replace(self.stage.cloud.switches, restore_trace=trace)
            outcomes += await asyncio.gather(*(one(case) for case in cases if case.trace == trace))
        return outcomes

    async def run(self, case, trial):
        data = self.folder / f"case-{next(self.numbers)}"
        async with self.cluster(case.api) as cluster, self.stage.room(data) as room:
            while cluster.is_busy:
                self.stage.cloud.take_due_steps()
                await asyncio.sleep(0.05)
            cluster.restores.clear()
            return await trial(self, case, cluster, data, room).run()


@dataclass
class Trial:
    """A change under one case."""

    site: CrashSite
    case: Case
    cluster: object
    data: Path
    room: Room
    killed: int = 0
    begun: datetime = EPOCH

    async def run(self):
        self.begun = self.site.stage.clock.now()
        record = await self._asked()
        kills = list(self.case.kills)
        if kills[:1] in (["card posted"], ["card recorded"]):
            # While nobody has decided yet: what is left behind then must not ask for a decision for ever.
            await self._until_killed(record.id, kills.pop(0))
        await self._agreed(record)
        for kill in kills:
            await self._until_killed(record.id, kill)
        if self.case.bare:
            for file in self.data.glob("engine.db*"):
                file.unlink()
        if self.is_older:
            await self.room.leave()
            put_back(self.copies, self.data, self.case.back)
            await self.room.only_read()
        pid = await self.site.start(self.data, full_at=self.case.full)
        await self._until_told(record.id, pid)
        await self.site.zygote.end_of(pid, signal.SIGKILL)
        return await self._judged(record.id)

    @property
    def copies(self):
        return self.data.with_suffix(".copies")

    @property
    def is_older(self):
        return bool(self.case.back) and self.copies.exists()

    async def _asked(self):
        if self.case.command == "drill":
            return await self.room.asks("alice", f"drill {self.cluster.id}")
        return await self.room.asks("alice", f"restore {self.cluster.id} --to {TARGET}")

    async def _agreed(self, record):
        if self.case.command == "drill":
            reply = await self.room.says("alice", f"change confirm {record.id}")
        else:
            reply = await self.room.says("bob", f"change approve {record.id}")
        assert reply.ok, reply

    async def _until_killed(self, change_id, kill):
        """Run one life of the bot. A point that is no longer passed ends it too, once everything is
        reported."""
        die_at = kill if isinstance(kill, str) else ""
        pid = await self.site.start(self.data, die_at, copy_at=self.case.copied)
        if kill == ACCEPTED:
            self.site.deadly.kill[self.cluster.id] = lambda: os.kill(pid, signal.SIGKILL)
        if isinstance(kill, float):
            await asyncio.sleep(kill)
        else:
            await self._until_told(change_id, pid)
        self.site.deadly.kill.pop(self.cluster.id, None)
        died = not self.site.zygote.is_alive(pid)
        code = await self.site.zygote.end_of(pid, signal.SIGKILL)
        if died and code != -signal.SIGKILL:
            raise RuntimeError(self.data.with_suffix(".log").read_text()[-3000:])
        self.killed += died or isinstance(kill, float)

    async def _until_told(self, change_id, pid):
        """Wait until the change has ended and everybody was notified, or the bot is dead."""
        loop = asyncio.get_running_loop()
        late = loop.time() + 60
        while self.site.zygote.is_alive(pid):
            record = await self.room.rows.get(change_id)
            if record.state in OVER and not await self.room.untold():
                return
            if self.is_older and await self.room.audit(kind="alarm"):
                await asyncio.sleep(0.5)  # in which it would send or end what it must not
                return
            if loop.time() > late:
                raise RuntimeError(f"{self.case} does not end: {record.state}, {record.progress}")
            await asyncio.sleep(0.1)

    # Judging

    async def _judged(self, change_id):
        record = await self.room.rows.get(change_id)
        posts = [
            each
            for each in self.site.stage.posts(self.cluster)
            if datetime.fromisoformat(each["at"]) >= self.begun
        ]
        if self.is_older:
            wrong = [each async for each in self._wrong_older(record, posts)]
            return Outcome(self.case, self.killed, len(posts), record.state.value, tuple(wrong))
        if self._asks_again(record):
            # Without the engine's file nobody can tell that it was not sent.
            count = [f"asked again, and sent {len(posts)} times"] if posts else []
        else:
            count = self._wrong_drill(record) if record.plan.throwaway else self._wrong_count(record, posts)
        wrong = [
            *count,
            *await self._wrong_record(record, posts),
            *await self._wrong_cards(record),
            *await self._wrong_threads(record),
        ]
        sent = len(self._made(record)) if record.plan.throwaway else len(posts)
        return Outcome(self.case, self.killed, sent, record.state.value, tuple(wrong))

    def _made(self, record):
        """Return the clusters with the drill's name, including deleted ones."""
        name = record.plan.throwaway.name
        return [each for each in self.site.stage.cloud.clusters_with_backups(CONTRACT) if each.name == name]

    def _wrong_drill(self, record):
        """Report a drill made twice, left behind, or ended in the wrong state."""
        if len(self._made(record)) != 1:
            yield f"{len(self._made(record))} clusters were made"
        name = record.plan.throwaway.name
        if left := [each.id for each in self.site.stage.cloud.everything() if each.name == name]:
            yield f"left behind: {left}"
        if record.state is not ChangeState.DONE:
            yield f"lost: {record.state} ({record.result})"

    def _wrong_count(self, record, posts):
        """Report a change lost, doubled, or ended in the wrong state."""
        restores = len(self.cluster.restores)
        if len(posts) > 1 or restores > 1:
            yield f"doubled: {len(posts)} requests"
        if record.state is ChangeState.DONE and restores != 1:
            yield "done, and no restore"
        if record.state is ChangeState.DONE and restores and record.ended_at < self._ended():
            yield "done, before it was"
        if record.state not in {ChangeState.DONE, ChangeState.UNKNOWN}:
            yield f"lost: {record.state} ({record.result})"
        if record.state is ChangeState.UNKNOWN and posts and self.case.trace != "none":
            yield "lost: unknown, although the cloud shows it"
        if record.state is ChangeState.UNKNOWN and not posts and not self._may_have_armed():
            yield "lost: unknown, although nothing was armed"
        if record.state is ChangeState.DONE and self.case.trace == "none":
            yield "done, and nothing shows it"

    async def _wrong_older(self, record, posts):
        """Report what is sent twice or made up after older copies were put back."""
        if len(posts) > 1 or len(self.cluster.restores) > 1:
            yield f"doubled: {len(posts)} requests"
        if record.state is ChangeState.DONE and not posts:
            yield "done, and no restore"
        if record.state is ChangeState.DONE and await self.room.rows.attempt(record.id) is None:
            yield "done, and no row says that it was sent"
        if record.state is ChangeState.FAILED:
            yield f"lost: {record.result}"

    def _asks_again(self, record):
        return self.case.bare and record.state is ChangeState.REPLACED

    def _ended(self):
        durations = self.site.stage.cloud.durations
        late = durations.late_trace if self.case.trace == "late" else 0
        # Times of changes are kept in milliseconds.
        return self.cluster.restores[-1].at + timedelta(seconds=durations.restore + late - 0.001)

    def _may_have_armed(self):
        troubles = (*self.case.kills, self.case.full)
        return any(each == "armed" or isinstance(each, float) for each in troubles)

    async def _wrong_record(self, record, posts):
        audit = await self.room.audit()
        wrong = []
        if verify([self.data / "pgbot.db"]).bad is not None:
            wrong.append("the audit does not verify")
        for post in posts:
            for kind, mark in (("intent", "change"), ("request", "trace")):
                before = [
                    row
                    for row in audit
                    if row["kind"] == kind and row[mark] == record.id and row["at"] <= post["at"]
                ]
                if not before:
                    wrong.append(f"no {kind} row before the request")
        # A drill may announce the deletion of its cluster more than once.
        intents = [row["detail"] for row in audit if row["kind"] == "intent"]
        if sum(not words.startswith("Deleting") for words in intents) > 1:
            wrong.append("two intents")
        return wrong

    async def _wrong_cards(self, record):
        cards = {card.ts for card in await self.room.rows.cards(record.id)}
        ours = [each for each in self.site.stage.messages() if record.id in json.dumps(each.blocks)]
        wrong = []
        if self._asks_again(record):
            # The card of the change in its place names it.
            ours = [each for each in ours if each.ts in cards]
        if len(cards) != 1:
            wrong.append(f"{len(cards)} cards")
        for each in ours:
            title = html.unescape(each.text.partition("\n")[0])
            truth = f"{record.plan.action}: {record.label}" if each.ts in cards else record.plan.action
            if title != truth:
                wrong.append(f"a card says {title}")
        return wrong

    async def _wrong_threads(self, record):
        """Report missing lines, and doubled ones except where the bot died between posting and recording."""
        (card,) = await self.room.rows.cards(record.id)
        told = [html.unescape(each.text).partition("\n")[0] for each in self.site.stage.messages(card.ts)]
        milestones = [each.words.partition("\n")[0] for each in await self.room.rows.milestones(record.id)]
        missing = [each for each in milestones if each not in told]
        more = len(told) - len(milestones)
        return [f"not told: {missing}"] * bool(missing) + [f"told {more} times too often"] * (
            more > self.killed
        )


def _can_be_drilled(cluster):
    """Return whether a new cluster of that size, with an address in that network, would be accepted."""
    in_network = cluster.network and not cluster.network.address.startswith("10.233.")
    return in_network and cluster.ram_mb >= 4096


@asynccontextmanager
async def crash_site(tmp_path):
    """Open simulators on sockets, a process that forks bots, and clusters to restore."""
    wrapped = []

    def deadly(app):
        wrapped.append(Deadly(app))
        return wrapped[0]

    async with open_zygote() as zygote, change_stage(wrap=deadly) as stage:
        stage.has_many_bots = True
        site = CrashSite(stage, zygote, wrapped[0], tmp_path)
        for api in ("v1", "v2"):
            site.free[api] = asyncio.Queue()
            for cluster in stage.clusters(api):
                if _can_be_drilled(cluster):
                    site.free[api].put_nowait(cluster)
        yield site

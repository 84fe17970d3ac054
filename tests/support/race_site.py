"""A hundred decisions about one change at the same moment, from Slack, from terminals, and clicked twice."""

import asyncio
import itertools
import random
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace

import httpx
from change_kit import CHANNEL, ChangeStage, Room, change_stage

from bot.changes.record import State
from bot.domain import Actor, Origin

CROWD = 100
MIXED = {"approve": 9, "approve --take-back": 3, "deny": 1, "withdraw": 1, "confirm": 1}
AGREEING = {"approve": 9, "confirm": 1}
REFUSING = {"deny": 9, "confirm": 1}
"""What crowds say, and how often. Who wins in a mixed one depends on how fast the machine is, so that of
every four crowds one only agrees and one only refuses: both ends are seen on every machine."""
DECIDED = frozenset({State.DENIED, State.WITHDRAWN})
PLACES = {"alice": "U0ALICE", "bob": "U0BOB", "carol": "U0CAROL"}


def in_slack(name):
    """Somebody who types in Slack."""
    return Actor(
        origin=Origin.SLACK, id=PLACES[name], name=name, team="T0DEMO", groups=frozenset(), time_zone="UTC"
    )


@dataclass
class Arena:
    """A bot in Slack, a terminal on the same data, and hands that click."""

    stage: ChangeStage
    served: Room
    terminal: Room
    http: httpx.AsyncClient
    keys: itertools.count = field(default_factory=lambda: itertools.count(1_000_000))

    async def round(self, cluster, seed):
        """One change, one crowd; what is wrong with what became of it, in words."""
        chance = random.Random(seed)  # noqa: S311 - the same crowd for the same seed
        self.cluster_is_free(cluster)
        posts = len(self.stage.posts(cluster))
        # Ago, not at a fixed time: a thousand rounds take days of the stand-ins' clock.
        record = await self.terminal.asks("alice", f"restore {cluster.id} --to 2h")
        await self.served.told()
        card = await self._card(record)
        words = {0: AGREEING, 1: REFUSING}.get(seed % 4, MIXED)
        crowd = [self._one(chance, record, card, words) for _ in range(CROWD)]
        await asyncio.gather(*crowd)
        if (await self.terminal.rows.get(record.id)).state is State.PROPOSED:
            await self.terminal.says("alice", f"change withdraw {record.id}")  # all approvals were taken back
        ended = await self.served.until(record.id)
        await self.served.told()
        return [each async for each in self._wrong(ended, len(self.stage.posts(cluster)) - posts)]

    def cluster_is_free(self, cluster):
        """Let pass what the last round began."""
        self.stage.clock.ahead += 300
        self.stage.cloud.settle()
        assert not cluster.is_busy

    async def _card(self, record):
        (card,) = await self.served.rows.cards(record.id)
        return card

    def _one(self, chance, record, card, words):
        """One member of the crowd: at a terminal, in Slack, or with a finger on the button."""
        name = chance.choice(["alice", "bob", "bob", "carol", "carol"])
        roll = chance.random()
        if roll < 0.1:
            return self._clicks(PLACES[name], card, "Deny" if words is REFUSING else "Approve")
        [verb] = chance.choices([*words], [*words.values()])
        room, who = (self.served, in_slack(name)) if roll < 0.6 else (self.terminal, name)
        word, _, rest = verb.partition(" ")
        return room.says(who, f"change {word} {record.id} {rest}".strip())

    async def _clicks(self, user, card, label):
        """Twice, as impatient people do. Buttons may be gone by then; Slack says so."""
        body = {"user": user, "channel": CHANNEL, "ts": card.ts, "label": label}
        await asyncio.gather(*(self.http.post("/_workspace/click", json=body) for _ in range(2)))

    async def _wrong(self, record, posts):
        decisions = await self.terminal.audit(kind="decision", change=record.id)
        words = [row["outcome"] for row in decisions]
        if record.state not in {State.DONE, *DECIDED}:
            yield f"it is {record.state}: {record.result}"
        if posts != (record.state is State.DONE):
            yield f"{posts} requests, and it is {record.state}"
        ends = sum(word in {state.value for state in DECIDED} for word in words)
        if ends != (record.state in DECIDED):
            yield f"ended {ends} times: {words}"
        if record.state in DECIDED and words[-1] != record.state.value:
            yield f"decided on after it was over: {words}"
        if words.count("approved") - words.count("approval taken back") != len(record.approvals):
            yield f"votes and audit differ: {words}"
        cards = {card.ts for card in await self.served.rows.cards(record.id)}
        for message in self.stage.messages():
            if message.ts in cards and not message.text.partition("\n")[0].endswith(
                f": {record.state.value}"
            ):
                yield f"a card says {message.text[:100]}"


@asynccontextmanager
async def arena(tmp_path):
    """The bot at work in Slack, and people at a terminal of its machine."""
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(change_stage())
        # Each restore begins a new backup, and until its base is done no backup covers the time that passes:
        # a later round that wanted just that minute would rightly be refused by the API.
        stage.cloud.durations = replace(stage.cloud.durations, base_backup=0)
        served = await stack.enter_async_context(stage.served(tmp_path / "data"))
        terminal = await stack.enter_async_context(stage.room(tmp_path / "data"))
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=stage.slack_url, trust_env=False, timeout=30)
        )
        yield Arena(stage, served, terminal, http)

"""A hundred decisions about one change at the same moment, from everywhere, and their result."""

import asyncio
import json
import random
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace

import httpx
from change_kit import CHANNEL, PEOPLE, ChangeStage, Room, change_stage
from in_process import call_in_process
from race_voters import AGREEING, MIXED, REFUSING, RaceVoters, Scene, buttons, find_item, said_by

from bot.changes.record import Card, ChangeState
from bot.demo.http_client import loopback_client
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.server import create_site
from bot.demo.workspace.slack_faults import SlackFault
from bot.domain.phrases import capitalize_first
from bot.programs.outside_places import KIND as ANCHOR
from bot.runtime.sending_right import REQUEST_SECONDS
from bot.slack.own_messages import LEASE

DECIDED = frozenset({ChangeState.DENIED, ChangeState.WITHDRAWN})
VOTERS = ("alice", "bob", "carol")
AGAIN = 10
"""Commands, and clicks, that Slack delivers a second time in each round."""


@dataclass
class Arena:
    """A bot in Slack, people at its terminal, and actions in Slack."""

    stage: ChangeStage
    served: Room
    terminal: Room
    http: httpx.AsyncClient

    async def rounds(self, seeds, clusters):
        """Yield what is wrong with each round that has something wrong, on several clusters in turn."""
        found = self.stage.clusters("v1")[:clusters]
        wrong = {seed: await self.round(found[seed % clusters], seed) for seed in seeds}
        return {seed: words for seed, words in wrong.items() if words}

    async def round(self, cluster, seed):
        """Let the voters decide on one change; return the flaws of the result, in words."""
        await self._begin(cluster)
        posts = len(self.stage.posts(cluster))
        scene = await self._scene(cluster)
        chance = random.Random(seed)  # noqa: S311 - the same voters for the same seed
        words = {0: AGREEING, 1: REFUSING}.get(seed % 4, MIXED)
        voters = RaceVoters(scene, chance, words, self.terminal, self.http)
        self._delivered_again()
        since = self.stage.clock.now()
        await voters.decides()
        await self._quiet()
        wrong = [*voters.odd, *await self._wrong_inbox(voters, since)]
        change_id = scene.record.id
        if (await self.terminal.rows.get(change_id)).state is ChangeState.PROPOSED:
            await self.terminal.says("alice", f"change withdraw {change_id}")  # all approvals were taken back
        ended = await self.served.until(change_id)
        await self.served.told()
        wrong += await self._wrong_end(ended, len(self.stage.posts(cluster)) - posts)
        return [*wrong, *await self._wrong_cards(ended), *await self._wrong_pages(ended)]

    # Before the votes

    async def _begin(self, cluster):
        """Let everything of the last round end; ignore its messages from here on."""
        self.stage.clock.ahead += 300
        self.stage.cloud.take_due_steps()
        assert not cluster.is_busy
        for channel in self.stage.workspace.channels.values():
            for ts in [ts for ts, each in channel.messages.items() if not _is_state(each)]:
                del channel.messages[ts]
        await self.served.kernel.gate.right.renew_for(REQUEST_SECONDS)

    async def _scene(self, cluster):
        """Return a change with a card in the channel and one in the direct messages of each person, and three
        people who have viewed it from their Home tabs."""
        # Slack refuses the first card, so the requester and those who may decide get one; the channel has its
        # own a minute later.
        members = self.stage.workspace.channels[CHANNEL].members
        members.discard(BOT_USER)
        # Ago, not at a fixed time: a thousand rounds take days of the simulators' clock.
        record = await self.terminal.asks("alice", f"restore {cluster.id} --to 2h")
        await self._until(lambda: self._cards(record, len(VOTERS)))
        members.add(BOT_USER)
        self.stage.clock.ahead += 60
        cards = await self._until(lambda: self._cards(record, len(VOTERS) + 1))
        await self.served.told()
        homes = await asyncio.gather(*(self._home(name, record, cards) for name in VOTERS))
        return Scene(record, self._sort(cards), dict(zip(VOTERS, homes, strict=True)))

    def _sort(self, cards):
        """Return the cards that each person sees: in the channel, and in their direct messages."""
        own = {name: self.stage.workspace.direct_channel(PEOPLE[name]).id for name in VOTERS}
        return {name: [card for card in cards if card.channel in {CHANNEL, own[name]}] for name in VOTERS}

    async def _cards(self, record, count):
        cards = await self.served.rows.cards(record.id)
        return cards if len(cards) == count else None

    async def _home(self, name, record, cards):
        """Return their Home tab, and its button that brings the change's message."""
        user = PEOPLE[name]
        await self.http.post("/_workspace/home", json={"user": user})

        async def page():
            home = self.stage.workspace.views.home(user)
            found = find_item(home.content["blocks"], record.id) if home else None
            return (home.id, found[0]) if found else None

        async def answer():
            others = {card.ts for card in cards}
            for each in self.stage.workspace.direct_channel(user).messages.values():
                if each.ts not in others and "Approve restore" in buttons(each.blocks):
                    return Card(record.id, each.channel, each.ts, 0)
            return None

        view_id, look = await self._until(page)
        click = {"user": user, "view_id": view_id, **look}
        assert (await self.http.post("/_workspace/click", json=click)).json()["ok"]
        await self._until(answer)
        return view_id, look

    def _delivered_again(self):
        for target in ("slash_commands", "block_actions"):
            self.stage.workspace.faults.add(SlackFault(target=target, kind="duplicate", times=AGAIN))

    async def _until(self, look, seconds=30):
        """Wait for the result of `look`."""
        async with asyncio.timeout(seconds):
            while not (found := await look()):
                await asyncio.sleep(0.01)
        return found

    # After it

    async def _quiet(self):
        """Wait until Slack has delivered everything, and everything is answered."""
        faults, tasks = self.stage.workspace.faults, self.stage.workspace._tasks
        # Of clicks there may be fewer: buttons go as soon as somebody has won.
        assert {fault.target for fault in faults.pending} <= {"block_actions"}
        faults.clear()

        async def quiet():
            open_rows = await self._read("SELECT count(*) FROM inbox WHERE answered_at IS NULL")
            return not tasks and open_rows == [(0,)]

        await self._until(quiet)

    async def _read(self, sql, *values):
        return await self.served.kernel.database.read(lambda db: db.execute(sql, values).fetchall())

    async def _wrong_inbox(self, voters, since):
        """Report deliveries that are stored or acted on twice."""
        stamp = since.isoformat(timespec="milliseconds")
        [(rows,)] = await self._read(
            "SELECT count(*) FROM inbox WHERE received_at >= ? AND key != 'probe'", stamp
        )
        [(acted,)] = await self._read(
            "SELECT count(*) FROM audit WHERE kind = 'invocation' AND actor LIKE 'slack:%' AND at >= ?", stamp
        )
        wrong = (rows, acted) != (voters.taken, voters.taken)
        return [f"{voters.taken} deliveries, {rows} of them kept, {acted} acted on"] * wrong

    async def _wrong_end(self, record, posts):
        """Return what is wrong with the winner, the run and the audit."""
        rows = await self._read(
            "SELECT outcome FROM audit WHERE kind = 'decision' AND change = ? ORDER BY seq", record.id
        )
        words = [row[0] for row in rows]
        ends = sum(word in {state.value for state in DECIDED} for word in words)
        votes = words.count("approved") - words.count("approval taken back")
        found = {
            f"it is {record.state}: {record.result}": record.state not in {ChangeState.DONE, *DECIDED},
            f"{posts} requests, and it is {record.state}": posts != (record.state is ChangeState.DONE),
            f"ended {ends} times: {words}": ends != (record.state in DECIDED),
            f"decided on after it was over: {words}": record.state in DECIDED
            and words[-1] != record.state.value,
            f"votes and audit differ: {words}": votes != len(record.approvals),
        }
        return [words for words, is_so in found.items() if is_so]

    async def _wrong_cards(self, record):
        """Report cards that are not those of the channel and of each person, differ, or have buttons left."""
        cards = await self.served.rows.cards(record.id)
        messages = [self.stage.workspace.channels[card.channel].messages[card.ts] for card in cards]
        title = f"{record.plan.action}: {record.label}"
        wrong = [f"a card says {each.text[:100]}" for each in messages if said_by(each)[0] != title]
        shows = {"View details", "View cluster"}
        wrong += ["a card still has buttons" for each in messages if {*buttons(each.blocks)} - shows]
        wrong += ["cards differ"] * (len({str(said_by(each)) for each in messages}) != 1)
        return wrong + [f"{len(cards)} cards"] * (len(cards) != len(VOTERS) + 1)

    async def _wrong_pages(self, record):
        """Report Home tabs that differ from `change show`."""
        said = await self.terminal.says("bob", f"change show {record.id}")
        title = f"{record.plan.action}: {record.label}"
        wrong = [f"change show says {said.title}"] * (said.title != title)
        for name in VOTERS:
            with suppress(TimeoutError):
                await self._until(lambda name=name: self._home_says(name, record), seconds=5)
                continue
            wrong.append(f"{name}'s Home tab says {self._on_home(name, record)}")
        return wrong

    async def _home_says(self, name, record):
        return f"{capitalize_first(record.label)}, " in self._on_home(name, record)

    def _on_home(self, person, record):
        """Return what the Home tab says of the change."""
        found = find_item(self.stage.workspace.views.home(PEOPLE[person]).content["blocks"], record.id)
        return json.dumps(found[1], ensure_ascii=False) if found else ""


@asynccontextmanager
async def open_arena(tmp_path, mode):
    """Open the bot at work in Slack, and people at a terminal of its machine."""
    async with AsyncExitStack() as stack:
        # Slack's signatures are good for five minutes of this clock, in which a busy machine takes a request.
        stage = await stack.enter_async_context(change_stage(speed=30))
        # Each restore begins a new backup, and until its base is done no backup covers the time that passes:
        # a later round that wanted just that minute would rightly be refused by the API.
        stage.cloud.durations = replace(stage.cloud.durations, base_backup=0)
        # A hundred at once are more than a busy machine acks in three seconds; how fast it is, others test.
        stage.workspace.ack_seconds = 30.0
        served = await stack.enter_async_context(stage.served(tmp_path / "data", mode=mode))
        slack = call_in_process(stage.slack_url, create_site(stage.workspace))
        client = loopback_client(base_url=stage.slack_url, timeout=60, transport=slack())
        http = await stack.enter_async_context(client)
        yield Arena(stage, served, served, http)


def _is_state(message):
    """Return whether the bot keeps its own state in this message: posted again, it would meet the fault."""
    return (message.metadata or {}).get("event_type") in {LEASE, ANCHOR}

"""Several bots with one Slack app on a virtual clock: a Slack that is slow, loses answers and is away, and
machines that pause, sleep, crash and disagree about the time."""

import asyncio
import contextlib
import random
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

from slack_sdk.errors import SlackApiError

from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import PgbotError
from bot.runtime.bot_lease import BotLease
from bot.runtime.lease_store import LastClaim, LeaseHolder
from bot.runtime.sending_right import REQUEST_SECONDS
from bot.slack.connection import BotIdentity
from bot.slack.own_messages import LeaseChannel, OwnMessages
from bot.slack.web_api import WebApiCalls

IDENTITY = BotIdentity(team="T0", bot_user="U0BOT", bot_id="B0BOT")
CALL_SECONDS = 10.0
SETTLE = 12
"""Turns of the event loop after which nothing moves until the clock does."""


class SharedChannel:
    """The one channel as Slack keeps it, with Slack's clock."""

    def __init__(self, clock):
        self.clock = clock
        self.messages = {}
        self._last = 0

    def post(self, metadata):
        self._last = max(self._last + 1, int(self.clock.now().timestamp() * 1_000_000))
        ts = f"{self._last / 1_000_000:.6f}"
        self.messages[ts] = {"ts": ts, "bot_id": "B0BOT", "user": "U0BOT", "metadata": metadata}
        return {"ts": ts}

    def update(self, ts, metadata):
        self._of(ts)["metadata"] = metadata
        return {"ts": ts}

    def delete(self, ts):
        self._of(ts)
        del self.messages[ts]
        return {}

    def history(self, oldest):
        found = [each for ts, each in self.messages.items() if ts >= oldest]
        return {"messages": [dict(each) for each in found[::-1]]}

    def _of(self, ts):
        if ts not in self.messages:
            raise _refusal("message_not_found")
        return self.messages[ts]


def _refusal(code):
    return SlackApiError(code, SimpleNamespace(status_code=200, data={"ok": False, "error": code}))


@dataclass
class Network:
    """The way of one machine to Slack. `chance` decides how long calls take and whether answers are lost."""

    clock: object
    channel: SharedChannel
    chance: random.Random
    slowest: float = 0.0
    is_away: bool = False

    async def call(self, work):
        there, back = (self.chance.uniform(0, self.slowest) for _ in range(2))
        if self.is_away:
            await self.clock.sleep(1.0)
            raise OSError("no route")
        request = asyncio.ensure_future(self._carry(work, there, back))
        request.add_done_callback(lambda each: each.cancelled() or each.exception())
        timer = asyncio.ensure_future(self.clock.sleep(CALL_SECONDS))
        try:
            await asyncio.wait({request, timer}, return_when=asyncio.FIRST_COMPLETED)
            if not request.done():
                raise TimeoutError  # what is on its way arrives all the same
            return request.result()
        finally:
            timer.cancel()

    async def _carry(self, work, there, back):
        base = self.clock.base
        if there:
            await base.sleep(there)
        answer = work()
        if back:
            await base.sleep(back)
        if self.is_away:
            raise OSError("connection reset")
        return answer

    # The methods of slack_sdk's client that the lease uses

    async def chat_postMessage(self, *, metadata, **_rest):  # noqa: N802 - slack_sdk's name
        return await self._until_awake(lambda: self.channel.post(metadata))

    async def chat_update(self, *, ts, metadata, **_rest):
        return await self._until_awake(lambda: self.channel.update(ts, metadata))

    async def chat_delete(self, *, ts, **_rest):
        return await self._until_awake(lambda: self.channel.delete(ts))

    async def conversations_history(self, *, oldest, **_rest):
        return await self._until_awake(lambda: self.channel.history(oldest))

    async def _until_awake(self, work):
        try:
            return await self.call(work)
        finally:
            await self.clock.awake.wait()


class MachineClock:
    """One machine's view of the time: a rate, an offset, pauses of the process and sleep of the machine."""

    def __init__(self, base, rate=1.0, offset=0.0):
        self.base, self.rate, self.offset = base, rate, offset
        self.slept = 0.0
        self.awake = asyncio.Event()
        self.awake.set()

    def monotonic(self):
        return self.base.monotonic() * self.rate - self.slept

    def now(self):
        return self.base.now() + timedelta(seconds=self.offset + self.base.monotonic() * (self.rate - 1))

    async def sleep(self, seconds):
        await self.base.sleep(max(seconds, 0.0) / self.rate)
        await self.awake.wait()


class Folder:
    """The lease's row of one data folder."""

    def __init__(self):
        self.claim = LastClaim()

    async def last(self):
        return self.claim

    async def keep(self, claim):
        self.claim = claim


@dataclass
class Machine:
    """One data folder on one machine, and the bot that runs there, if any."""

    name: str
    clock: MachineClock
    network: Network
    folder: Folder = field(default_factory=Folder)
    lease: BotLease | None = None
    task: asyncio.Task | None = None
    sends_until: float = float("-inf")
    """The end of the longest request that may be under way, by the true time."""

    def start(self):
        holder = LeaseHolder(host=self.name, folder="data", since=self.clock.now(), home=self.name)
        own = OwnMessages(self.network, WebApiCalls(self.clock), IDENTITY)
        board = LeaseChannel("C0OPS", own)
        self.lease = BotLease(board, self.folder, self.clock, holder)
        self.task = asyncio.create_task(self._live(self.lease))

    async def _live(self, lease):
        await lease.turn()
        await lease.run()

    def kill(self):
        """End it without a word. What it has sent arrives all the same, but nothing is answered."""
        self.task.cancel()
        self.lease = None

    def stop(self, now):
        """End it as SIGTERM does, at this true time: what is under way ends first. Returns the rest."""
        lease, self.lease = self.lease, None
        self.sends_until = now
        self.task.cancel()
        return lease.release()

    @property
    def may_send(self):
        running = self.lease is not None and self.clock.awake.is_set()
        return running and not self.lease.obstacle(REQUEST_SECONDS)


class World:
    """Machines with one Slack app. `step` moves time and checks that no two may have a request under way."""

    def __init__(self, machines=2, seed=0):
        self.base = VirtualClock()
        self.channel = SharedChannel(self.base)
        self.chance = random.Random(seed)  # noqa: S311 - a test that can be repeated
        self.machines = [self._machine(f"web-{number}") for number in range(1, machines + 1)]
        self.sent = []
        self._before = asyncio.all_tasks()

    def begin(self, work):
        """Do something beside the rest; what fails in the bot's own words is no fault here."""

        async def tried():
            with contextlib.suppress(PgbotError):
                await work

        return asyncio.create_task(tried())

    def _machine(self, name):
        rate = 1 + self.chance.uniform(-1e-4, 1e-4)
        clock = MachineClock(self.base, rate, self.chance.uniform(-600, 600))
        return Machine(name, clock, Network(clock, self.channel, self.chance))

    async def settle(self):
        for _ in range(SETTLE):
            await asyncio.sleep(0)

    async def step(self, seconds=1.0):
        self.base.advance(timedelta(seconds=seconds))
        await self.settle()
        self.check()

    async def wait(self, seconds):
        for _ in range(int(seconds)):
            await self.step()

    def check(self):
        now = self.base.monotonic()
        for each in self.machines:
            if not each.may_send:
                continue
            rivals = [other.name for other in self.machines if other is not each and other.sends_until > now]
            assert not rivals, f"{each.name} may send at {now:.0f} s, and so may {rivals}"
            each.sends_until = now + REQUEST_SECONDS
            if not self.sent or self.sent[-1] != each.name:
                self.sent.append(each.name)

    @property
    def holders(self):
        return [each.name for each in self.machines if each.may_send]

    async def close(self):
        pending = asyncio.all_tasks() - self._before
        for each in pending:
            each.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

"""Reports in front of a kernel, a channel that keeps what is posted, and an engine that can be killed."""

import asyncio
import itertools
from dataclasses import dataclass, field, replace

from bot.domain import Actor, Origin, Standing
from bot.errors import SlackError
from bot.reports.making import Making
from bot.reports.shared import SharedFleet
from bot.schedule import Scheduler
from bot.text import plain


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


@dataclass
class Posts:
    """Slack as the maker of reports sees it. `refuse` holds codes by channel."""

    messages: list = field(default_factory=list)
    refuse: dict = field(default_factory=dict)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    async def post(self, channel, reply, thread=""):
        if channel in self.refuse:
            raise SlackError("Slack refused.", code=self.refuse[channel])
        ts = f"{next(self.numbers)}.0"
        self.messages.append({"channel": channel, "ts": ts, "thread": thread, "reply": reply})
        return channel, ts

    async def edit(self, channel, ts, reply):
        next(each for each in self.messages if each["ts"] == ts)["reply"] = reply

    def tops(self, channel=None):
        """The messages that are in no thread."""
        return [
            each["reply"]
            for each in self.messages
            if not each["thread"] and channel in (None, each["channel"])
        ]

    def texts(self, channel=None):
        return [plain(each) for each in self.tops(channel)]


class Steps:
    async def run(self, name, step):
        return await step()


@dataclass
class LocalEngine:
    """The port in memory. What had begun when it was killed goes on in `recovered`, as the real one does."""

    workflows: dict
    pending: dict = field(default_factory=dict)
    ended: set = field(default_factory=set)
    tasks: set = field(default_factory=set)

    async def start(self, kind, workflow_id, payload):
        if workflow_id not in self.pending and workflow_id not in self.ended:
            self.pending[workflow_id] = (kind, payload)
            self._carry_on(workflow_id)

    def _carry_on(self, workflow_id):
        self.tasks.add(asyncio.ensure_future(self._run(workflow_id, *self.pending[workflow_id])))

    async def _run(self, workflow_id, kind, payload):
        await self.workflows[kind](payload, Steps())
        del self.pending[workflow_id]
        self.ended.add(workflow_id)

    async def running(self):
        return frozenset(self.pending)

    async def cancel(self, workflow_id):
        self.pending.pop(workflow_id, None)

    async def prune(self, before):
        return 0

    def recover(self):
        for workflow_id in list(self.pending):
            self._carry_on(workflow_id)

    async def idle(self):
        """Wait for everything that has begun. Raises what it raised."""
        while self.tasks:
            tasks, self.tasks = self.tasks, set()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            for each in outcomes:
                if isinstance(each, BaseException):
                    raise each


@dataclass
class Desk:
    """Reports at work in this process."""

    kernel: object
    posts: Posts
    engine: LocalEngine
    scheduler: Scheduler
    making: Making
    people: dict

    @property
    def rows(self):
        return self.kernel.dispatcher.reports.rows

    async def look(self):
        """One look, and everything that it began."""
        await self.scheduler.look()
        await self.engine.idle()

    async def states(self, name):
        return [
            (f"{each.at:%d %H:%M}", each.state.value) for each in reversed(await self.rows.latest(name, 99))
        ]


def desk(kernel, posts=None, *, at_point=lambda _name: None, pending=None):
    """A scheduler and a maker over the kernel's rows, as `serve` has them."""
    posts, people = posts or Posts(), {}
    dispatcher, clock = kernel.dispatcher, kernel.clock

    async def person(user, team):
        return people.get(user) or Actor(origin=Origin.SLACK, id=user, team=team, standing=Standing.MEMBER)

    async def is_external(channel):
        return channel == "C0SHARED"

    making = Making(
        reports=dispatcher.reports,
        dispatcher=replace(dispatcher, fleet=SharedFleet(kernel.fleet, clock)),
        notices=posts,
        people=person,
        is_external=is_external,
        clock=clock,
        at_point=at_point,
    )
    engine = LocalEngine(making.workflows(), dict(pending or {}))
    scheduler = Scheduler(reports=dispatcher.reports, engine=engine, clock=clock, at_point=at_point)
    engine.recover()
    return Desk(kernel, posts, engine, scheduler, making, people)


def settings_with(tmp_path, reports, base):
    """An app.yaml: the demo's, and these reports at its end."""
    path = tmp_path / "app.yaml"
    text = base.read_text(encoding="utf-8")
    kept = text.partition("\nreports:")[0].partition("\nholidays:")[0]
    path.write_text(f"{kept}\n{reports}", encoding="utf-8")
    return path

"""Reports in front of a kernel, a channel that keeps its posts, and an engine that can be killed."""

import asyncio
import itertools
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from one_contract import SETTINGS
from terminal_site import terminal_site

from bot.changes.notices import Escalation
from bot.domain.reply_text import render_plain
from bot.domain.request import AccountStatus, Actor, Origin
from bot.ionos.read_cache import TimedCache
from bot.reports.job import MAX_LISTING_AGE, ReportJob
from bot.reports.run_scheduler import ReportScheduler
from bot.slack.web_api import slack_error


class Killed(BaseException):
    """The end of the process: nothing of ours may catch it."""


@dataclass
class Fate:
    """A hook that ends the process at this point, once."""

    point: str = ""

    def __call__(self, name):
        if name == self.point:
            self.point = ""
            raise Killed(name)


@dataclass
class Posts:
    """Slack as the report job sees it. `refuse` holds codes by channel; `asked` counts posts by channel.

    What was posted under a key is not posted again.
    """

    messages: list = field(default_factory=list)
    asked: Counter = field(default_factory=Counter)
    refuse: dict = field(default_factory=dict)
    numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    async def post(self, channel, reply, thread="", priority=None, *, key):
        self.asked[channel] += 1
        if channel in self.refuse:
            raise slack_error(self.refuse[channel])
        for each in self.messages:
            if each["key"] == key:
                each["reply"] = reply
                return each["channel"], each["ts"]
        ts = f"{next(self.numbers)}.0"
        self.messages.append({"channel": channel, "ts": ts, "thread": thread, "reply": reply, "key": key})
        return channel, ts

    async def edit(self, channel, ts, reply, *, urgent=False):
        found = [each for each in self.messages if each["ts"] == ts]
        if not found or channel in self.refuse:
            raise slack_error(self.refuse.get(channel, "message_not_found"))
        found[0]["reply"] = reply

    def tops(self, channel=None):
        """Return the messages that are in no thread."""
        return [
            each["reply"]
            for each in self.messages
            if not each["thread"] and channel in (None, each["channel"])
        ]

    def texts(self, channel=None):
        return [render_plain(each) for each in self.tops(channel)]


class Steps:
    async def run(self, name, step):
        return await step()


@dataclass
class LocalEngine:
    """The port in memory. Killed runs continue in `recovered`, as in the real one."""

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
        """Wait for everything that was started. Raise its errors."""
        while self.tasks:
            tasks, self.tasks = self.tasks, set()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            for each in outcomes:
                if isinstance(each, BaseException):
                    raise each


@dataclass
class ReportRunner:
    """Reports at work in this process."""

    kernel: object
    posts: Posts
    engine: LocalEngine
    scheduler: ReportScheduler
    making: ReportJob
    people: dict

    @property
    def rows(self):
        return self.kernel.dispatcher.reports.rows

    async def look(self):
        """Look once, and wait for everything that it started."""
        await self.scheduler.run_once()
        await self.engine.idle()

    async def restarted(self, at_point=lambda _name: None):
        """Return the process after this one, which is cancelled wherever it was."""
        for task in self.engine.tasks:
            task.cancel()
        await asyncio.gather(*self.engine.tasks, return_exceptions=True)
        return make_runner(self.kernel, self.posts, at_point=at_point, pending=self.engine.pending)

    async def states(self, name):
        return [
            (f"{each.at:%d %H:%M}", each.state.value) for each in reversed(await self.rows.latest(name, 99))
        ]


def make_runner(kernel, posts=None, *, at_point=lambda _name: None, pending=None):
    """A scheduler and a maker over the kernel's rows, as `serve` has them."""
    posts, people = posts or Posts(), {}
    dispatcher, clock = kernel.dispatcher, kernel.clock

    async def person(user, team):
        return people.get(user) or Actor(
            origin=Origin.SLACK, id=user, team=team, standing=AccountStatus.MEMBER
        )

    async def is_external(channel, person):
        return channel == "C0SHARED"

    making = ReportJob(
        reports=dispatcher.reports,
        run_command=replace(
            dispatcher, fleet=kernel.fleet.cached(TimedCache(clock, MAX_LISTING_AGE))
        ).dispatch,
        request_change=dispatcher.dispatch,
        changes=dispatcher.changes,
        policy=dispatcher.policy,
        audit=dispatcher.audit,
        escalation=Escalation(posts, kernel.setup.settings),
        people=person,
        is_external=is_external,
        clock=clock,
        since=clock.now(),
        at_point=at_point,
    )
    engine = LocalEngine(making.workflows(), dict(pending or {}))
    scheduler = ReportScheduler(
        reports=dispatcher.reports, engine=engine, clock=clock, at_point=at_point, audit=dispatcher.audit
    )
    engine.recover()
    return ReportRunner(kernel, posts, engine, scheduler, making, people)


def settings_with(tmp_path, reports, base):
    """Write an app.yaml: the demo's, with these reports at its end."""
    path = tmp_path / "app.yaml"
    text = base.read_text(encoding="utf-8")
    kept = text.partition("\nreports:")[0].partition("\nholidays:")[0]
    path.write_text(f"{kept}\n{reports}", encoding="utf-8")
    return path


def report_line(name="morning", **more):
    """Return one report of app.yaml. The stage's clock begins on Monday, 23 November 2026, at 9:00 UTC."""
    given = {
        "name": name,
        "command": "version list",
        "when": "every hour",
        "channel": "C0OPS",
        "owner": "U0BOB",
    } | more
    return "  - {" + ", ".join(f"{key}: {value!r}" for key, value in given.items()) + "}\n"


@asynccontextmanager
async def reports_site(tmp_path, monkeypatch, lines, *, clusters=44):
    """Open a terminal whose app.yaml ends with these lines, and its report runner."""
    settings = settings_with(tmp_path, lines, SETTINGS)
    async with terminal_site(tmp_path, monkeypatch, settings=settings, clusters=clusters) as terminal:
        yield terminal, make_runner(terminal.kernel)


POINTS = [
    *("before slots", "slots made", "before claiming", "claimed", "started", "making"),
    *("before posting", "posted", "posting recorded", "threaded", "made"),
]
"""Every point of a slot's way at which the process may end."""


def one_report(**more):
    """Return the part of app.yaml with one report."""
    return f"reports:\n{report_line(**more)}"


async def pass_time(terminal, at, time=timedelta(hours=1)):
    """Let time pass, and look once."""
    terminal.kernel.clock.advance(time)
    await at.look()


async def refuse_all(terminal):
    """Make the cloud refuse all our tokens from now on."""
    await terminal.fault(kind="status", status=401)

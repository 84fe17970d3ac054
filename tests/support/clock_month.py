"""A month of reports and proposals on a machine whose clock jumps, beside servers that lie or are silent."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from functools import partial

from change_requests import BOB, STAGING
from report_kit import make_runner, one_report
from wrong_clock import WrongClock

from bot.changes.decision_checks import DecisionAges
from bot.changes.record import ChangeState
from bot.domain.request import Invocation
from bot.programs.clock_watch import ClockWatch
from bot.runtime.checked_clock import TOLERANCE, CheckedClock

REPORT = one_report(when="0 */8 * * *", late="run", command="version list")
HOUR, DAY = 3_600.0, 86_400.0
STEP, MONTH = timedelta(hours=4), timedelta(days=30)
SLACKNESS = TOLERANCE + 2
"""Seconds by which a time may be wrong that nothing speaks against."""


class ClockMonth:
    """One bot over the month; it may be restarted at any time, with any time on its machine's clock."""

    def __init__(self, terminal, at, seed):
        self.terminal, self.chance = terminal, random.Random(seed)  # noqa: S311 - a month that can be repeated
        self.world = terminal.kernel.clock
        self.machine = WrongClock(self.world)
        self.lies = Counter()
        self.silent = False
        self.shown, self.proposed, self.doubted, self.wrong = set(), {}, 0, []
        self.start = self.world.now()
        self.channel = at.posts
        self._boot(at.engine.pending)

    def _boot(self, pending):
        kernel = self.terminal.kernel
        self.clock = clock = CheckedClock(self.machine)
        old = kernel.dispatcher
        dispatcher = replace(
            old,
            clock=clock,
            reports=replace(old.reports, clock=clock),
            changes=replace(old.changes, clock=clock, ages=DecisionAges(clock)),
        )
        self.kernel = replace(kernel, clock=clock, dispatcher=dispatcher)
        self.at = make_runner(self.kernel, self.channel, pending=pending)
        self.watch = ClockWatch(
            clock=clock,
            audit=kernel.audit,
            ask=[partial(self._say, "Slack"), partial(self._say, "IONOS")],
            escalation=None,
            channel=None,
            repairs=(dispatcher.changes.repair, dispatcher.reports.rows.repair),
        )

    async def _say(self, operator):
        if not self.silent:
            at = self.world.now() + timedelta(seconds=self.lies[operator])
            self.clock.note_date(operator, operator, format_datetime(at, usegmt=True), self.clock.monotonic())

    async def pass_month(self):
        """Let the month pass; return what was wrong in it."""
        end = self.start + MONTH
        await self._look()
        while self.world.now() < end:
            await self._disturb()
            self.world.advance(STEP * self.chance.uniform(0.2, 1.8))
            await self._look()
        self.machine.ahead, self.silent, self.lies = 0.0, False, Counter()
        for _ in range(100):
            self.world.advance(timedelta(seconds=20))
            await self._look()
            if self.clock.doubt is None and not await self.at.rows.open_slots():
                break
        await self._judge()
        return self.wrong

    async def _disturb(self):
        """Do one of what happens to a machine."""
        what = self.chance.choices(
            ("nothing", "set", "right", "sleep", "restart", "silence", "lie", "propose"),
            (8, 4, 5, 1, 3, 2, 2, 4),
        )[0]
        if what == "set":
            size = self.chance.choice((40.0, 400.0, HOUR, DAY, 30 * DAY, 3_653 * DAY))
            self.machine.ahead = self.chance.choice((-1, 1)) * size * self.chance.uniform(0.9, 1.1)
        elif what == "right":
            self.machine.ahead, self.silent, self.lies = 0.0, False, Counter()
        elif what == "sleep":
            self.machine.suspend(self.chance.uniform(60, 10 * HOUR))
        elif what == "restart":
            self._boot((await self.at.restarted()).engine.pending)
        elif what == "silence":
            self.silent = not self.silent
        elif what == "lie":
            operator = self.chance.choice(("Slack", "IONOS"))
            # Never by as much as the machine's clock is wrong: those two would agree.
            self.lies = Counter({operator: self.chance.choice((-1, 1)) * self.chance.uniform(3, 20) * DAY})
        elif what == "propose" and self.clock.doubt is None:
            await self._propose()

    async def _propose(self):
        known = set(self.proposed)
        invocation = Invocation(
            key=f"month:{len(known)}",
            trace=f"{len(known):012x}",
            actor=BOB,
            channel="C0OPS",
            text=STAGING,
            at=self.clock.now(),
            line="pgbot run",
        )
        reply = await self.kernel.dispatcher.dispatch(invocation)
        for each in await self._rows().in_states([ChangeState.PROPOSED]):
            self.proposed.setdefault(each.id, each.expires_at)
        if set(self.proposed) == known:
            self.wrong.append(f"not proposed: {reply}")

    def _rows(self):
        return self.kernel.dispatcher.changes.rows

    async def _look(self):
        for _ in range(2):
            await self.watch.look()
            await self.at.look()
            await self.kernel.dispatcher.changes.expire_due()
            self.world.advance(timedelta(seconds=6))
        await self._check()

    async def _check(self):
        doubt, now = self.clock.doubt, self.world.now()
        error = abs((self.clock.now() - now).total_seconds())
        self.doubted += doubt is not None
        if (doubt is None or doubt.is_known) and error > SLACKNESS:
            self.wrong.append(f"{now}: the time is wrong by {error} s, and {doubt}")
        for change, until in self.proposed.items():
            state = (await self._rows().get(change)).state
            left = (until - now).total_seconds()
            if state is ChangeState.EXPIRED and left > SLACKNESS:
                self.wrong.append(f"{now}: {change} expired {left} s early")
            if state is ChangeState.PROPOSED and doubt is None and left < -2 * SLACKNESS:
                self.wrong.append(f"{now}: {change} is still open")
        if doubt is None:
            (report,) = await self.kernel.dispatcher.reports.all_reports()
            self.shown |= set(self.kernel.dispatcher.reports.next_times(report.setting))

    async def _judge(self):
        """Compare the runs of the month with the report's times, as the right time has them."""
        now = self.world.now()
        (report,) = await self.kernel.dispatcher.reports.all_reports()
        schedule = self.kernel.dispatcher.reports.schedule_of(report.setting)
        due = []
        for each in schedule.after(self.start):
            if each > now:
                break
            due.append(each)
        slots = await self.at.rows.latest(report.name, 9_999)
        made = sorted(each.at for each in slots if each.state.value == "made")
        posted = len(self.channel.tops("C0OPS"))
        if made != due or len(slots) != len(due):
            others = [(each.at, each.state.value) for each in slots if each.state.value != "made"]
            self.wrong.append(f"due {due}, made {made}, others {others}")
        if posted != len(due):
            self.wrong.append(f"{posted} posts for {len(due)} times")
        if broken := [each for each in self.shown if each <= now and each not in made]:
            self.wrong.append(f"shown as next and not kept: {broken}")
        # The row of a doubt is written also where nobody says what time it is.
        times = [row["at"] for row in await self.terminal.audit() if row["kind"] != "clock"]
        if max(times) > f"{now + timedelta(seconds=SLACKNESS):%Y-%m-%dT%H:%M:%S}":
            self.wrong.append(f"the log has a row of {max(times)}")

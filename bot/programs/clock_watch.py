"""The watch over the machine's clock in `serve`: it asks servers for the time, and tells of doubts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex

from bot.audit.log import AuditLog
from bot.audit.records import bot_entry
from bot.changes.notices import Escalation
from bot.changes.notifications import AWAY_PAUSES, RetryPause
from bot.domain.errors import PgbotError, SlackError
from bot.domain.fair_order import MessagePriority
from bot.domain.reply import Note, Reply
from bot.domain.times import format_span
from bot.programs.kernel import Kernel, note_current_policy
from bot.runtime.checked_clock import CheckedClock
from bot.runtime.clock import ClockDoubt
from bot.runtime.logger import get_logger
from bot.slack.connection import SlackConnection, call_slack

log = get_logger()

LOOK_SECONDS = 2.0
"""Seconds between two looks at the clock."""

ASK_SECONDS = 900.0
"""Seconds after which the servers are asked, unless their answers to other requests have said the time."""

DOUBT_SECONDS = 5.0
"""Seconds between two questions while the clock is in doubt."""

GRACE_SECONDS = 10.0
"""Seconds of doubt before it is told, while no server says that the clock is wrong: the machine may have
slept."""

REPAIR_SECONDS = 60.0
"""Seconds until a repair that has failed is tried again."""

ANSWER_SECONDS = 10.0
"""Seconds that the servers have for their answers, by the machine's clock."""


Question = Callable[[], Awaitable[object]]

Repair = Callable[[datetime], Awaitable[str]]
"""Takes back what a wrong clock has left behind, by the time that is right; says what. Raises PgbotError."""


@dataclass(slots=True, kw_only=True)
class ClockWatch:
    """A loop that compares the clock with each operator in `ask`, and tells audit log and channel of doubts.

    `repairs` are made at the start and after each doubt, once the time is right.
    """

    clock: CheckedClock
    audit: AuditLog
    ask: Sequence[Question]
    escalation: Escalation
    channel: str | None
    repairs: Sequence[Repair] = ()
    _asked: float = field(default=float("-inf"))
    _doubted: float | None = None
    _is_told: bool = False
    _unrepaired: Sequence[Repair] = ()
    _repair_at: float = field(default=float("-inf"))
    _unposted: dict[str, Reply] = field(default_factory=dict)
    _pause: RetryPause = field(default_factory=RetryPause)

    def __post_init__(self) -> None:
        self._unrepaired, self.clock.is_settled = self.repairs, not self.repairs

    async def run(self) -> None:
        """Watch for ever; what fails is tried again at the next look."""
        while True:
            await self.look()
            await self._post()
            await self.clock.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Ask for the time where that is due, and tell of a doubt or its end; what fails is logged."""
        await self.settle()
        try:
            await self._follow()
        except PgbotError as error:
            log.warning("clock not watched", error=str(error))

    async def _follow(self) -> None:
        doubt, now = self.clock.machine_doubt, self.clock.monotonic()
        if doubt is not None:
            self._doubted = now if self._doubted is None else self._doubted
            self._unrepaired, self.clock.is_settled = self.repairs, not self.repairs
            if not self._is_told and (doubt.is_known or now - self._doubted >= GRACE_SECONDS):
                await self._tell_doubt(doubt)
        elif self._is_told:
            await self._tell_end(now - (self._doubted or now))
        if doubt is None:
            self._doubted = None
            await self._repair(now)

    async def settle(self) -> None:
        """Ask the servers for the time, unless they have said it lately and agree with the machine."""
        pause = DOUBT_SECONDS if self.clock.machine_doubt is not None else LOOK_SECONDS
        is_due = self.clock.monotonic() - self._asked >= pause
        if is_due and self.clock.lacks_answers(len(self.ask), ASK_SECONDS):
            self._asked = self.clock.monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await asyncio.gather(*map(_ask, self.ask))

    async def _tell_doubt(self, doubt: ClockDoubt) -> None:
        log.error("clock in doubt", why=doubt.why)
        await self._record("in doubt", doubt.why)
        self._is_told = True
        more = "" if doubt.is_known else " Approved changes wait too."
        words = f"Until then, pending approvals don't expire and scheduled reports wait.{more}"
        note = Note(f"Check the machine's time synchronization (NTP). {words}")
        self._unposted[f"clock:{token_hex(8)}"] = Reply(doubt.why, (note,), ok=False)

    async def _tell_end(self, seconds: float) -> None:
        span = f"{seconds:.0f} s" if seconds < 3600 else format_span(timedelta(seconds=seconds))
        words = f"It was in doubt for {span}."
        log.warning("clock right again", why=words)
        await self._record("right again", words)
        self._is_told = False
        note = Note(f"{words} Pending approvals expire again, and missed reports run now.")
        self._unposted[f"clock:{token_hex(8)}"] = Reply("This machine's clock is right again.", (note,))

    async def _repair(self, now: float) -> None:
        while self._unrepaired and now >= self._repair_at:
            try:
                words = await self._unrepaired[0](self.clock.now())
            except PgbotError:
                self._repair_at, self.clock.is_settled = now + REPAIR_SECONDS, True
                raise
            self._unrepaired = self._unrepaired[1:]
            if words:
                log.warning("wrong times repaired", what=words)
                await self._record("repaired", words)
        self.clock.is_settled = True

    async def _record(self, outcome: str, detail: str) -> None:
        await self.audit.append(bot_entry(self.clock.now(), "clock", outcome, detail))

    async def _post(self) -> None:
        """Post what is not posted yet. While Slack is away, it is asked ever more seldom."""
        while self.channel and self._unposted and self.clock.monotonic() >= self._pause.until:
            key, reply = next(iter(self._unposted.items()))
            try:
                await self.escalation.tell(key, reply, [self.channel], MessagePriority(urgent=True))
            except SlackError:
                self._pause.lengthen(self.clock.monotonic(), AWAY_PAUSES)
                return
            del self._unposted[key]


async def settle_clock(
    kernel: Kernel, clock: CheckedClock, slack: SlackConnection, escalation: Escalation
) -> ClockWatch:
    """Ask for the time before anything is written whose time counts; return the watch over the clock.

    It asks each operator, and repairs all that is stored with a time that other times are compared with.
    """
    settings, dispatcher, lineage = kernel.setup.settings, kernel.dispatcher, kernel.lineage.rows

    async def repair_cut(now: datetime) -> str:
        words = await lineage.repair(now)
        dispatcher.changes.ages.cut = await lineage.last_cut()
        return words

    ask_slack = partial(call_slack, slack.client.auth_test)
    watch = ClockWatch(
        clock=clock,
        audit=kernel.audit,
        ask=[ask_slack, kernel.fleet.probe] if settings.ionos.contracts else [ask_slack],
        escalation=escalation,
        channel=settings.approvals.channel,
        repairs=(
            repair_cut,
            dispatcher.changes.repair,
            dispatcher.reports.rows.repair,
            dispatcher.readiness.snapshots.repair,
            dispatcher.handover.rows.repair,
        ),
    )
    await watch.settle()
    if clock.machine_doubt is not None:
        # They were read for the years around the machine's time.
        await dispatcher.reports.read_calendars(settings)
    await note_current_policy(kernel)
    return watch


async def _ask(question: Question) -> None:
    """Ask an operator; whatever the answer, its `Date` counts."""
    with suppress(PgbotError):
        await question()

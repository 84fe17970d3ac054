"""What keeps changes moving: expiry, turns, cards, threads. It looks at rows, so a crash loses nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import Protocol

import structlog

from bot.changes.card import card, told
from bot.changes.desk import Changes
from bot.changes.drilling import KIND as DRILL
from bot.changes.execution import FOLLOW, KIND
from bot.changes.record import Card, Milestone, Record, State
from bot.changes.story import Story
from bot.clock import Clock
from bot.config import Settings
from bot.engine.port import Engine
from bot.errors import PgbotError, SlackError
from bot.handover import Handover
from bot.reply import Note, Reply

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between looks at the rows; what happens in this process wakes the conductor at once."""

KEPT = timedelta(days=7)
"""How long the engine remembers finished workflows; our own rows stay."""

GONE = frozenset(
    {"message_not_found", "channel_not_found", "not_in_channel", "is_archived", "thread_not_found"}
)
"""Slack's words for places that will not come back by waiting."""

AWAY = frozenset(
    {
        *("no_answer", "ratelimited", "request_timeout"),
        *("internal_error", "fatal_error", "service_unavailable", "team_added_to_org"),
    }
)
"""Words for a Slack that takes nothing from us at all for the moment."""

FEW = 3
"""Durations that make an estimate."""


class Notices(Protocol):
    """Slack, as far as the conductor needs it. All raise SlackError."""

    async def post(self, channel: str, reply: Reply, thread: str = "") -> tuple[str, str]:
        """Post in a channel, or to a person by id; returns the channel and the message's ts."""
        ...

    async def edit(self, channel: str, ts: str, reply: Reply) -> None:
        """Edit in place."""
        ...


class Waker:
    """Rings bells from anywhere in the loop; they are waited for with a limit on our own clock."""

    def __init__(self) -> None:
        self._bells: list[asyncio.Event] = []

    def __call__(self) -> None:
        for bell in self._bells:
            bell.set()

    def bell(self) -> asyncio.Event:
        """One for each that waits: who hears a bell silences it."""
        self._bells.append(asyncio.Event())
        return self._bells[-1]

    async def wait(self, bell: asyncio.Event, clock: Clock, seconds: float) -> None:
        """Come back when the bell rings, or after so long."""
        sleeping = asyncio.ensure_future(clock.sleep(seconds))
        waking = asyncio.ensure_future(bell.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (sleeping, waking):
                each.cancel()
            await asyncio.gather(sleeping, waking, return_exceptions=True)
        bell.clear()


@dataclass(slots=True, kw_only=True)
class Conductor:
    """One per data folder. Everything here may be done twice without harm."""

    changes: Changes
    story: Story
    engine: Engine
    notices: Notices
    settings: Settings
    handover: Handover
    clock: Clock
    waker: Waker
    at_point: Callable[[str], None] = lambda _name: None
    _pruned: float = field(default=float("-inf"))

    async def run(self) -> None:
        """For ever. What fails is logged and tried again at the next look.

        What tells people runs beside what moves changes: a Slack that is away or slow holds up no restore.
        """
        moving = (self.changes.expire, self._start_due, self._resume, self._prune)
        telling = (self._cards, self._threads, self._hand_over)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._again_and_again(moving))
            both.create_task(self._again_and_again(telling))

    async def _again_and_again(self, jobs: Sequence[Callable[[], Awaitable[None]]]) -> None:
        bell = self.waker.bell()
        while True:
            for job in jobs:
                await self._guarded(job)
            await self.waker.wait(bell, self.clock, EVERY)

    async def _guarded(self, job: Callable[[], Awaitable[None]]) -> None:
        try:
            await job()
        except PgbotError as error:
            log.warning("conductor", job=job.__name__, error=str(error))
        except Exception:
            log.exception("conductor", job=job.__name__)

    # Turns

    async def _start_due(self) -> None:
        busy = {
            each.plan.occupies for each in await self.story.rows.in_states([State.RUNNING, State.UNKNOWN])
        }
        for record in await self.story.rows.in_states([State.APPROVED]):
            target = record.plan.occupies
            if target and target in busy:
                continue
            if record.need.frozen_until(self.clock.now()) is not None and not record.skipped:
                continue
            self.at_point("before claiming")
            if await self.story.claimed(record):
                busy.add(target)
                self.at_point("claimed")
                kind = _kind(record)
                await self.engine.start(kind, f"{kind}:{record.id}", {"id": record.id})
                self.at_point("started")

    async def _resume(self) -> None:
        """Running changes that no workflow carries on: the process ended between claim and start, a step
        met a full disk, or a person has said that it ran. Starting anew is safe: nothing is sent twice."""
        running = await self.engine.running()
        for record in await self.story.rows.in_states([State.RUNNING]):
            if any(each.split(":")[1] == record.id for each in running):
                continue
            kind = _kind(record)
            # What a drill made is looked for and deleted, also when a person says that it ran.
            if kind is KIND and record.progress.endswith("says that it ran"):
                kind = FOLLOW
            # A new id each time: one that has ended in an error does not start again.
            at = int(self.clock.now().timestamp() * 1000)
            await self.engine.start(kind, f"{kind}:{record.id}:{at}", {"id": record.id})

    # Slack

    async def _cards(self) -> None:
        for record in await self.story.rows.uncarded():
            await self._patiently(record.id, self._first_card(record))
        for stale in await self.story.rows.stale_cards():
            await self._patiently(stale.change_id, self._edit(stale))

    async def _patiently(self, change_id: str, posting: Awaitable[None]) -> None:
        """What Slack refuses of one change must not hold up the others; when Slack is away, all wait."""
        try:
            await posting
        except SlackError as error:
            if error.code in AWAY:
                raise
            log.warning("not told in Slack", change=change_id, error=str(error))

    async def _first_card(self, record: Record) -> None:
        """Posted empty and filled by an edit: one that a crash leaves behind must not tell anything untrue
        for ever."""
        channel, ts = await self._announced(record)
        self.at_point("card posted")
        await self.story.rows.put_card(Card(record.id, channel, ts, 0))
        self.at_point("card recorded")

    async def _announced(self, record: Record) -> tuple[str, str]:
        what = Note(f"Change {record.id}, asked for by {record.requester.name}. “change show” tells of it.")
        reply = Reply(record.plan.action, (what,))
        try:
            return await self.notices.post(self._channel(record), reply)
        except SlackError as error:
            if error.code in AWAY:
                raise
            # A channel that the bot is not in must not hide a change: the requester at least sees it.
            log.warning("card not posted in its channel", change=record.id, error=str(error))
            return await self.notices.post(record.requester.id, reply)

    async def _edit(self, stale: Card) -> None:
        record = await self.story.get(stale.change_id)
        try:
            await self.notices.edit(stale.channel, stale.ts, await self._card(record))
        except SlackError as error:
            log.warning("card not edited", change=record.id, error=str(error))
            if record.is_open or error.code not in GONE:
                return
        await self.story.rows.put_card(Card(stale.change_id, stale.channel, stale.ts, record.version))

    async def _threads(self) -> None:
        held_up: set[str] = set()
        for milestone in await self.story.rows.unposted():
            if milestone.change_id not in held_up:
                held_up.add(milestone.change_id)  # until it is told: a story is told in order
                await self._patiently(milestone.change_id, self._tell(milestone, held_up))

    async def _hand_over(self) -> None:
        await self.handover.deliver(self.notices.post)

    async def _tell(self, milestone: Milestone, held_up: set[str]) -> None:
        reply = Reply(milestone.words, told(milestone.tells))
        for each in await self.story.rows.cards(milestone.change_id):
            try:
                await self.notices.post(each.channel, reply, each.ts)
            except SlackError as error:
                if error.code not in GONE:
                    raise
                log.warning("milestone not posted", change=milestone.change_id, error=str(error))
        self.at_point("milestone posted")
        await self.story.rows.posted(milestone.id, self.clock.now())
        held_up.discard(milestone.change_id)

    def _channel(self, record: Record) -> str:
        """The cluster's channel, else the one for approvals, else where it was asked, else the requester."""
        tagged = self.settings.tags(record.plan.target.as_cluster()).channel
        return tagged or self.settings.approvals.channel or record.requester.channel or record.requester.id

    async def _card(self, record: Record) -> Reply:
        queue = await self._queue(record)
        return card(record, queue, await self._usual(record))

    async def _queue(self, record: Record) -> tuple[str, ...]:
        if record.state is not State.APPROVED or not record.plan.occupies:
            return ()
        others = await self.story.rows.in_states([State.RUNNING, State.UNKNOWN, State.APPROVED])
        return tuple(
            each.id
            for each in others
            if each.id != record.id
            and each.plan.occupies == record.plan.occupies
            and (each.state is not State.APPROVED or each.proposed_at < record.proposed_at)
        )

    async def _usual(self, record: Record) -> timedelta | None:
        if record.state is not State.RUNNING:
            return None
        seconds = await self.story.rows.durations(record.plan.command)
        if len(seconds) >= FEW:
            return timedelta(seconds=median(seconds))
        usual = record.plan.ending.usual
        return None if usual is None else timedelta(seconds=usual)

    async def _prune(self) -> None:
        if self.clock.monotonic() - self._pruned < KEPT.total_seconds() / 7:
            return
        await self.engine.prune(self.clock.now() - KEPT)
        self._pruned = self.clock.monotonic()


def _kind(record: Record) -> str:
    """Which workflow carries a change out."""
    return DRILL if record.plan.throwaway else KIND

"""What keeps changes moving: expiry, turns, cards, threads. It looks at rows, so a crash loses nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.changes.executor import KIND
from bot.changes.notifications import ChangeNotifier
from bot.changes.password_delivery import PasswordDelivery
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.restore_drill import KIND as DRILL
from bot.changes.run_log import RunLog
from bot.changes.service import ChangeService
from bot.domain.errors import PgbotError
from bot.runtime.clock import Clock
from bot.runtime.wakeup import Wakeup
from bot.runtime.workflows.port import Engine

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between looks at the rows; what happens in this process wakes the conductor at once."""

KEPT = timedelta(days=7)
"""How long the engine remembers finished workflows; our own rows stay."""


@dataclass(slots=True, kw_only=True)
class ChangeScheduler:
    """One per data folder. Everything here may be done twice without harm."""

    changes: ChangeService
    story: RunLog
    engine: Engine
    telling: ChangeNotifier
    handover: PasswordDelivery
    clock: Clock
    waker: Wakeup
    at_point: Callable[[str], None] = lambda _name: None
    _pruned: float = field(default=float("-inf"))

    async def run(self) -> None:
        """For ever. What fails is logged and tried again at the next look.

        What tells people runs beside what moves changes: a Slack that is away or slow holds up no restore.
        """
        moving = (self.changes.expire, self._start_due, self._resume, self._prune)
        telling = (self.telling.cards, self.telling.threads, self._hand_over)
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
        busy = await self.story.rows.busy()
        for record in await self.story.rows.next_in_turn():
            target = record.plan.turn
            until = self.changes.frozen_until(record)
            await self.story.held(record, until)
            if until is not None or (target and target in busy):
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
        for record in await self.story.rows.in_states([ChangeState.RUNNING]):
            if any(each.split(":")[1] == record.id for each in running):
                continue
            kind = _kind(record)
            # A new id each time: one that has ended in an error does not start again.
            at = int(self.clock.now().timestamp() * 1000)
            await self.engine.start(kind, f"{kind}:{record.id}:{at}", {"id": record.id})

    async def _hand_over(self) -> None:
        await self.handover.deliver(self.telling.notices.post)

    async def _prune(self) -> None:
        if self.clock.monotonic() - self._pruned < KEPT.total_seconds() / 7:
            return
        await self.engine.prune(self.clock.now() - KEPT)
        self._pruned = self.clock.monotonic()


def _kind(record: ChangeRecord) -> str:
    """Which workflow carries a change out."""
    return DRILL if record.plan.throwaway else KIND

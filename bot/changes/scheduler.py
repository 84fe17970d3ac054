"""The loop that moves changes: expiry, queue, cards and threads. It reads rows, so a crash loses nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.changes.executor import KIND
from bot.changes.notifications import AlarmNotifier, ChangeNotifier
from bot.changes.password_store import PasswordDelivery
from bot.changes.record import ChangeRecord, ChangeState
from bot.changes.restore_drill import KIND as DRILL
from bot.changes.run_log import RunLog
from bot.changes.service import ChangeService
from bot.domain.errors import PgbotError, UnprovenChange
from bot.runtime.clock import Clock, Wakeup
from bot.runtime.logger import get_logger
from bot.runtime.sending_right import SendingGate
from bot.runtime.workflows.port import Engine

log = get_logger()

POLL_SECONDS = 2.0
"""Seconds between two looks at the rows; an event in this process wakes the scheduler at once."""

COMPARE_SECONDS = 600.0
"""Seconds from one comparison of all open changes with the audit log to the next."""

LOG_SECONDS = 60.0
"""Seconds for which the same failure is logged once."""

MAX_RESUME_SECONDS = 300.0
"""Seconds after which a change whose workflow ends in errors is followed again, at most."""

KEEP_WORKFLOWS = timedelta(days=7)
"""How long the engine remembers finished workflows; our own rows stay."""


@dataclass(slots=True, kw_only=True)
class ChangeScheduler:
    """One per data folder. Everything here may be done twice without harm."""

    changes: ChangeService
    run_log: RunLog
    engine: Engine
    notifier: ChangeNotifier
    alarms: AlarmNotifier
    handover: PasswordDelivery
    clock: Clock
    waker: Wakeup
    gate: SendingGate = field(default_factory=SendingGate)
    at_point: Callable[[str], None] = lambda _name: None
    _pruned: float = field(default=float("-inf"))
    _compared: float = field(default=float("-inf"))
    _resumed: dict[str, tuple[int, float]] = field(default_factory=dict)
    """How often the workflow of a change was restarted, and from when on it may be again."""
    _failed_at: dict[tuple[str, str], float] = field(default_factory=dict)
    """When a job failed with these words and was logged."""

    async def run(self) -> None:
        """Run for ever. What fails is logged and tried again at the next look.

        Posting runs beside moving: a Slack that is away or slow delays no restore. What is urgent is posted
        beside the rest, and so are passwords.
        """
        moving = (self._compare, self._move, self._prune)
        posting = ((self.alarms.post_alarms, self._post_urgent), (self._post_rest,))
        async with asyncio.TaskGroup() as group:
            for jobs in (moving, *posting, (self._deliver_passwords,)):
                group.create_task(self._repeat(jobs))

    async def _repeat(self, jobs: Sequence[Callable[[], Awaitable[None]]]) -> None:
        bell = self.waker.bell()
        while True:
            await self.gate.right.unopposed()
            for job in jobs:
                await self._run_job(job)
            await self.waker.wait(bell, self.clock, POLL_SECONDS)

    async def _run_job(self, job: Callable[..., Awaitable[None]], *given: object) -> None:
        try:
            await job(*given)
        except Exception as error:  # noqa: BLE001 - what fails is tried again at the next look
            self._log_failure(job.__name__, error)

    def _log_failure(self, job: str, error: Exception) -> None:
        """Log it, once a minute for each cause; a bug of ours with its traceback."""
        cause, now = (job, str(error)), self.clock.monotonic()
        if now - self._failed_at.get(cause, float("-inf")) < LOG_SECONDS:
            return
        self._failed_at = {each: at for each, at in self._failed_at.items() if now - at < LOG_SECONDS}
        self._failed_at[cause] = now
        if isinstance(error, PgbotError):
            log.warning("change job failed", job=job, error=str(error))
        else:
            log.error("change job failed", job=job, exc_info=error)

    async def _compare(self) -> None:
        """Compare open changes with the audit log, now and then; those that it disproves are stopped."""
        if self.clock.monotonic() - self._compared < COMPARE_SECONDS:
            return
        for change in await self.run_log.rows.find_unproven():
            with suppress(UnprovenChange):
                await self.run_log.rows.require_proven(change, self.clock.now())
        self._compared = self.clock.monotonic()

    # The queue

    async def _move(self) -> None:
        """Move the changes that are not over. Mostly there are none, which one query finds."""
        states, running = await self.run_log.rows.find_open()
        if ChangeState.PROPOSED in states:
            await self._run_job(self.changes.expire_due)
        if ChangeState.APPROVED in states:
            await self._run_job(self._start_due)
        await self._run_job(self._resume, running)

    async def _start_due(self) -> None:
        doubt = self.clock.doubt
        if doubt is not None and not doubt.is_known:
            return  # nobody can say whether freezes have begun, and decisions are still good
        busy = await self.run_log.rows.busy()
        records = await self.run_log.rows.next_in_turn()
        frozen = await self.changes.find_frozen(*records)
        for record in records:
            try:
                await self._start(record, busy, frozen.get(record.id))
            except UnprovenChange as error:
                log.error("change stopped", change=record.id, error=str(error))  # noqa: TRY400 - no bug of ours
                busy |= await self.run_log.rows.busy()

    async def _start(self, record: ChangeRecord, busy: set[str], until: datetime | None) -> None:
        """Start a change whose turn it is, unless a change freeze holds it `until` then."""
        target = record.plan.turn
        await self.run_log.hold_for_freeze(record, until)
        if until is not None or (target and target in busy):
            return
        self.at_point("before claiming")
        if await self.run_log.claim(record):
            busy.add(target)
            self.at_point("claimed")
            kind = _workflow_kind(record)
            await self.engine.start(kind, f"{kind}:{record.id}", {"id": record.id})
            self.at_point("started")

    async def _resume(self, running: set[str]) -> None:
        """Restart `running` changes that have no workflow: the process ended between claim and start, a step
        met a full disk, or a person confirmed that it ran. That is safe: nothing is sent twice."""
        engines = {each.split(":")[1] for each in await self.engine.running()}
        self._resumed = {each: tried for each, tried in self._resumed.items() if each in running}
        left = running - engines
        for record in await self.run_log.rows.some(left) if left else ():
            tries, due = self._resumed.get(record.id, (0, float("-inf")))
            if record.state is not ChangeState.RUNNING or self.clock.monotonic() < due:
                continue
            pause = min(POLL_SECONDS * 2 ** min(tries, 10), MAX_RESUME_SECONDS)
            self._resumed[record.id] = (tries + 1, self.clock.monotonic() + pause)
            if tries:
                log.warning("change resumed", change=record.id, tries=tries, next_seconds=pause)
            kind = _workflow_kind(record)
            # A new id each time: the engine does not restart an id that has ended in an error.
            at = int(self.clock.now().timestamp() * 1000)
            await self.engine.start(kind, f"{kind}:{record.id}:{at}", {"id": record.id})

    async def _post_urgent(self) -> None:
        await self.notifier.post_all(urgent=True)

    async def _post_rest(self) -> None:
        await self.notifier.post_all(urgent=False)

    async def _deliver_passwords(self) -> None:
        await self.handover.deliver_due(self.notifier.notices)

    async def _prune(self) -> None:
        is_early = self.clock.monotonic() - self._pruned < KEEP_WORKFLOWS.total_seconds() / 7
        if is_early or self.clock.doubt is not None:
            return
        await self.engine.prune(self.clock.now() - KEEP_WORKFLOWS)
        self._pruned = self.clock.monotonic()


def _workflow_kind(record: ChangeRecord) -> str:
    """Return the kind of workflow that carries the change out."""
    return DRILL if record.plan.throwaway else KIND

"""Which reports are due: makes slots of time that has passed, and starts the making of those that wait."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby, islice, takewhile

import structlog

from bot.audit.log import AuditLog
from bot.changes.executor import Points, no_points
from bot.domain.errors import InputError, PgbotError
from bot.reports.job import KIND
from bot.reports.message import is_late
from bot.reports.record import Report, ReportStatus, Slot, SlotState
from bot.reports.report_service import ReportService
from bot.reports.run_audit_payload import account
from bot.reports.store import Also
from bot.runtime.clock import Clock
from bot.runtime.workflows.port import Engine
from bot.settings.report_settings import MissedRunPolicy

log = structlog.get_logger()

EVERY = 5.0
"""Seconds between looks at the time; a report asked for in this process is seen at once."""

MOST = 500
"""Slots of one report that one look makes; a long sleep is caught up over several."""

SEEN = timedelta(hours=1)
"""How often it is noted that nothing was due, so that a line of app.yaml that has another schedule, or was
away, is not made for times at which it was not due."""

KEPT = timedelta(days=90)
"""How long slots that are over are remembered."""


@dataclass(slots=True, kw_only=True)
class ReportScheduler:
    """One per data folder. Everything is in rows, so that a kill loses nothing and repeats nothing."""

    reports: ReportService
    engine: Engine
    clock: Clock
    audit: AuditLog
    at_point: Points = no_points
    _next: dict[str, tuple[Report, datetime | None]] = field(default_factory=dict)
    """When each report is due next: only a saving of work, gone after a restart."""
    _pruned: float = field(default=float("-inf"))

    async def run(self) -> None:
        """For ever. What fails is logged and tried again at the next look."""
        bell = self.reports.waker.bell()
        while True:
            await self.look()
            await self.reports.waker.wait(bell, self.clock, EVERY)

    async def look(self) -> None:
        """Everything that is due, once."""
        for job in (self._make_slots, self._settle_missed, self._start_due, self._resume, self._prune):
            await self._guarded(job)

    async def _guarded(self, job: Callable[[], Awaitable[None]]) -> None:
        try:
            await job()
        except PgbotError as error:
            log.warning("scheduler", job=job.__name__, error=str(error))
        except Exception:
            log.exception("scheduler", job=job.__name__)

    # Slots

    async def _make_slots(self) -> None:
        now, standings = self.clock.now(), await self.reports.rows.standings()
        seen: dict[str, datetime] = {}
        for report in await self.reports.all():
            standing = standings.pop(report.name, ReportStatus(name=report.name))
            if standing.seen_until is None:
                # Its first sight: what would have been due before there was a bot to make it was not missed.
                seen[report.name] = report.at or now
            elif self._is_due(report, standing.seen_until, now):
                await self._make_slots_of(report, standing, now)
            elif now - standing.seen_until >= SEEN:
                seen[report.name] = now
        seen |= {name: now for name, gone in standings.items() if now - (gone.seen_until or now) >= SEEN}
        if seen:
            await self.reports.rows.see(seen)

    def _is_due(self, report: Report, seen_until: datetime, now: datetime) -> bool:
        known, due = self._next.get(report.name, (None, None))
        if known != report:
            due = self._first_due(report, seen_until)
            self._next[report.name] = (report, due)
        return due is not None and due <= now

    def _first_due(self, report: Report, seen_until: datetime) -> datetime | None:
        """None as well for one made in Slack whose calendar app.yaml no longer has: it holds no other up."""
        try:
            return next(self.reports.schedule(report.setting).after(seen_until), None)
        except InputError as error:
            log.warning("report without times", report=report.name, error=str(error))
            return None

    async def _make_slots_of(self, report: Report, standing: ReportStatus, now: datetime) -> None:
        assert standing.seen_until is not None  # noqa: S101 - the caller has looked
        times = self.reports.schedule(report.setting).after(standing.seen_until)
        due = list(islice(takewhile(lambda at: at <= now, times), MOST))
        slots = [_slot(report, standing, at) for at in due]
        self.at_point("before slots")
        await self.reports.rows.plan(report.name, slots, due[-1] if due else now)
        self.at_point("slots made")
        self._next.pop(report.name, None)

    # Missed ones

    async def _settle_missed(self) -> None:
        now, reports = self.clock.now(), {each.name: each for each in await self.reports.all()}
        waiting = [each for each in await self.reports.rows.open_slots() if _is_fresh(each, now)]
        for name, slots in groupby(sorted(waiting, key=lambda each: (each.report, each.at)), _report):
            report = reports.get(name)
            if report is None:
                for each in slots:
                    await self._skip(each, None, "the report is no longer in app.yaml")
            else:
                await self._settle(report, list(slots), now)

    async def _settle(self, report: Report, slots: list[Slot], now: datetime) -> None:
        if report.setting.late is MissedRunPolicy.SKIP:
            for each in slots:
                if is_late(report, each, now):
                    await self._skip(each, report, "it could not be made within ten minutes of its time")
        elif report.setting.late is MissedRunPolicy.MERGE and len(slots) > 1:
            why = f"merged into {slots[-1].at:%Y-%m-%d %H:%M} UTC"
            rows = [self._account(each, report, "merged", why) for each in slots[:-1]]
            await self.reports.rows.merge(slots[:-1], slots[-1], why, rows)
            self.at_point("merged")

    async def _skip(self, slot: Slot, report: Report | None, why: str) -> None:
        row = self._account(slot, report, "skipped", why)
        await self.reports.rows.move(
            slot, since=SlotState.WAITING, also=row, state=SlotState.SKIPPED, why=why
        )

    def _account(self, slot: Slot, report: Report | None, outcome: str, why: str) -> Also:
        return self.audit.adding(account(slot, report, outcome, why, self.clock.now()))

    # Turns

    async def _start_due(self) -> None:
        """One slot of a report at a time: each is held against the one before."""
        now, reports = self.clock.now(), {each.name: each for each in await self.reports.all()}
        slots = await self.reports.rows.open_slots()
        busy = {each.report for each in slots if each.state is SlotState.MAKING}
        for slot in sorted(slots, key=lambda each: (not each.asked_by, each.at)):
            report = reports.get(slot.report)
            if report is None or slot.report in busy or slot.state is not SlotState.WAITING:
                continue
            busy.add(slot.report)
            if slot.due_at <= now and _may_begin(report, slot, now):
                await self._start(slot)

    async def _start(self, slot: Slot) -> None:
        self.at_point("before claiming")
        if await self.reports.rows.move(slot, since=SlotState.WAITING, state=SlotState.MAKING):
            self.at_point("claimed")
            await self._begin(slot, slot.id)
            self.at_point("started")

    async def _resume(self) -> None:
        """Slots that were claimed and that no workflow carries on: this is a later try, the process ended in
        between, or a step met a full disk. The row says how far it has come, so beginning anew is safe."""
        running = await self.engine.running()
        for slot in await self.reports.rows.open_slots():
            if slot.state is SlotState.MAKING and not any(_is_of(each, slot) for each in running):
                # A new id each time: one that has ended in an error does not start again.
                await self._begin(slot, f"{slot.id}:at{int(self.clock.now().timestamp() * 1000)}")

    async def _begin(self, slot: Slot, workflow_id: str) -> None:
        await self.engine.start(KIND, workflow_id, {"report": slot.report, "at": slot.at.isoformat()})

    async def _prune(self) -> None:
        if self.clock.monotonic() - self._pruned >= KEPT.total_seconds() / 90:
            await self.reports.rows.prune(self.clock.now() - KEPT)
            self._pruned = self.clock.monotonic()


def _slot(report: Report, standing: ReportStatus, at: datetime) -> Slot:
    slot = Slot(report=report.name, at=at, due_at=at + _jitter(report, at))
    why = standing.why_not(at)
    return replace(slot, state=SlotState.SKIPPED, why=why) if why else slot


def _jitter(report: Report, at: datetime) -> timedelta:
    """Evenly over the report's spread, and always the same for one slot."""
    digest = sha256(f"{report.name} {at.isoformat()}".encode()).digest()
    return report.setting.spread * (int.from_bytes(digest[:4], "big") / 2**32)


def _is_fresh(slot: Slot, now: datetime) -> bool:
    """Waiting for its first try and surely not posted, and nobody asked for it by name."""
    is_untouched = slot.state is SlotState.WAITING and slot.tries == 0 and not slot.is_posting
    return is_untouched and not slot.asked_by and slot.due_at <= now


def _may_begin(report: Report, slot: Slot, now: datetime) -> bool:
    """A late one waits for working hours."""
    hours = report.setting.hours
    if hours is None or slot.asked_by or not is_late(report, slot, now):
        return True
    return hours.model_copy(update={"zone": report.setting.zone}).covers(now)


def _report(slot: Slot) -> str:
    return slot.report


def _is_of(workflow_id: str, slot: Slot) -> bool:
    return workflow_id == slot.id or workflow_id.startswith(f"{slot.id}:")

"""The loop that plans due runs of reports and starts those that wait."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby, islice, takewhile
from operator import attrgetter

from bot.audit.log import AuditLog
from bot.changes.follow import Points, ignore_points
from bot.domain.errors import InputError, PgbotError
from bot.reports.job import KIND
from bot.reports.message import is_late
from bot.reports.record import Report, ReportStatus, Slot, SlotState, run_entry
from bot.reports.report_service import ReportService
from bot.reports.store import Also
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.runtime.sending_right import SendingGate
from bot.runtime.workflows.port import Engine
from bot.settings.report_settings import MissedRunPolicy

log = get_logger()

POLL_SECONDS = 5.0
"""Seconds between looks at the time; a report asked for in this process is seen at once."""

MAX_SLOTS = 500
"""Most runs of one report that one look plans; a long outage is caught up over several."""

MAX_LATE_RUNS = 50
"""Missed runs of one report that are made where each is wanted: the last ones."""

SEEN_INTERVAL = timedelta(hours=1)
"""How often to record that nothing was due, so that a line of app.yaml with a new schedule, or one that was
away, gets no runs for times at which it was not due."""

KEEP_SLOTS = timedelta(days=90)
"""How long final runs are stored."""


@dataclass(slots=True, kw_only=True)
class ReportScheduler:
    """One per data folder. Everything is in rows, so that a kill loses nothing and repeats nothing."""

    reports: ReportService
    engine: Engine
    clock: Clock
    audit: AuditLog
    gate: SendingGate = field(default_factory=SendingGate)
    at_point: Points = ignore_points
    _next: dict[str, tuple[Report, datetime, datetime | None]] = field(default_factory=dict)
    """Each report's next time after another: it only saves work, and is gone after a restart."""
    _pruned: float = field(default=float("-inf"))

    async def run(self) -> None:
        """Run for ever. What fails is logged and tried again at the next look."""
        bell = self.reports.waker.bell()
        while True:
            await self.gate.right.unopposed()
            await self.run_once()
            await self.reports.waker.wait(bell, self.clock, POLL_SECONDS)

    async def run_once(self) -> None:
        """Do everything that is due, once; while the clock is in doubt, what people ask for."""
        by_time = (self._make_slots, self._settle_missed) if self.clock.doubt is None else ()
        for job in (*by_time, self._start_due, self._resume, self._prune):
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
        for report in await self.reports.all_reports():
            standing = standings.pop(report.name, ReportStatus(name=report.name))
            if standing.seen_until is None:
                # A new report: times before the bot knew it were not missed.
                seen[report.name] = min(report.at or now, now)
            elif self._is_due(report, standing.seen_until, now):
                await self._make_slots_of(report, standing, now)
            elif now - standing.seen_until >= SEEN_INTERVAL:
                seen[report.name] = now
        seen |= {
            name: now for name, gone in standings.items() if now - (gone.seen_until or now) >= SEEN_INTERVAL
        }
        if seen:
            await self.reports.rows.see(seen)

    def _is_due(self, report: Report, seen_until: datetime, now: datetime) -> bool:
        known, since, due = self._next.get(report.name, (None, seen_until, None))
        # It goes back when the mark of a wrong clock is taken back.
        if known != report or seen_until < since:
            due = self._first_due(report, seen_until)
            self._next[report.name] = (report, seen_until, due)
        return due is not None and due <= now

    def _first_due(self, report: Report, seen_until: datetime) -> datetime | None:
        """Return the first time that is due; None also for one made in Slack whose calendar app.yaml no
        longer has, so that it delays no other."""
        try:
            return next(self.reports.schedule_of(report.setting).after(seen_until), None)
        except InputError as error:
            log.warning("report without times", report=report.name, error=str(error))
            return None

    async def _make_slots_of(self, report: Report, standing: ReportStatus, now: datetime) -> None:
        assert standing.seen_until is not None  # noqa: S101 - the caller has looked
        times = self.reports.schedule_of(report.setting).after(standing.seen_until)
        due = list(islice(takewhile(lambda at: at <= now, times), MAX_SLOTS))
        slots = [_plan_slot(report, standing, at) for at in due]
        self.at_point("before slots")
        await self.reports.rows.plan(report.name, slots, due[-1] if due else now)
        self.at_point("slots made")
        self._next.pop(report.name, None)

    # Missed runs

    async def _settle_missed(self) -> None:
        now, reports = self.clock.now(), {each.name: each for each in await self.reports.all_reports()}
        waiting = [each for each in await self.reports.rows.open_slots() if _is_fresh(each, now)]
        waiting.sort(key=attrgetter("report", "at"))
        for name, slots in groupby(waiting, attrgetter("report")):
            report = reports.get(name)
            if report is None:
                for each in slots:
                    await self._skip(each, None, "the report is no longer in app.yaml")
            else:
                await self._settle(report, list(slots), now)

    async def _settle(self, report: Report, slots: list[Slot], now: datetime) -> None:
        late = [each for each in slots if is_late(report, each, now)]
        if report.setting.late is MissedRunPolicy.SKIP:
            for each in late:
                await self._skip(each, report, "it could not run within ten minutes of its due time")
        elif report.setting.late is MissedRunPolicy.RUN:
            for each in late[:-MAX_LATE_RUNS]:
                await self._skip(each, report, f"only the last {MAX_LATE_RUNS} missed runs are made up for")
        elif len(slots) > 1:
            why = f"merged into {slots[-1].at:%Y-%m-%d %H:%M} UTC"
            rows = [self._entry(each, report, "merged", why) for each in slots[:-1]]
            await self.reports.rows.merge(slots[:-1], slots[-1], why, rows)
            self.at_point("merged")

    async def _skip(self, slot: Slot, report: Report | None, why: str) -> None:
        row = self._entry(slot, report, "skipped", why)
        await self.reports.rows.move(
            slot, since=SlotState.WAITING, also=row, state=SlotState.SKIPPED, why=why
        )

    def _entry(self, slot: Slot, report: Report | None, outcome: str, why: str) -> Also:
        return self.audit.adding(run_entry(slot, report, outcome, why, self.clock.now()))

    # Starting

    async def _start_due(self) -> None:
        """Start due runs, one of a report at a time: each is compared with the previous one."""
        now, reports = self.clock.now(), {each.name: each for each in await self.reports.all_reports()}
        slots = await self.reports.rows.open_slots()
        busy = {each.report for each in slots if each.state is SlotState.MAKING}
        for slot in sorted(slots, key=lambda each: (not each.asked_by, each.at)):
            report = reports.get(slot.report)
            if report is None or slot.report in busy or slot.state is not SlotState.WAITING:
                continue
            busy.add(slot.report)
            is_due = slot.due_at <= now and (slot.asked_by or self.clock.doubt is None)
            if is_due and _may_start(report, slot, now):
                await self._start(slot)

    async def _start(self, slot: Slot) -> None:
        self.at_point("before claiming")
        if await self.reports.rows.move(slot, since=SlotState.WAITING, state=SlotState.MAKING):
            self.at_point("claimed")
            await self._start_workflow(slot, slot.id)
            self.at_point("started")

    async def _resume(self) -> None:
        """Restart claimed runs without a workflow: a later try, a process that ended in between, or a step
        that met a full disk. The row says how far it has come, so that is safe."""
        running = await self.engine.running()
        for slot in await self.reports.rows.open_slots():
            if slot.state is not SlotState.MAKING:
                continue
            first_id = slot.id
            if not any(each == first_id or each.startswith(f"{first_id}:") for each in running):
                # A new id each time: the engine does not restart an id that has ended in an error.
                await self._start_workflow(slot, f"{first_id}:at{int(self.clock.now().timestamp() * 1000)}")

    async def _start_workflow(self, slot: Slot, workflow_id: str) -> None:
        await self.engine.start(KIND, workflow_id, {"report": slot.report, "at": slot.at.isoformat()})

    async def _prune(self) -> None:
        is_due = self.clock.monotonic() - self._pruned >= KEEP_SLOTS.total_seconds() / 90
        if is_due and self.clock.doubt is None:
            await self.reports.rows.prune(self.clock.now() - KEEP_SLOTS)
            self._pruned = self.clock.monotonic()


def _plan_slot(report: Report, standing: ReportStatus, at: datetime) -> Slot:
    slot = Slot(report=report.name, at=at, due_at=at + _jitter(report, at))
    why = standing.skip_reason(at)
    return replace(slot, state=SlotState.SKIPPED, why=why) if why else slot


def _jitter(report: Report, at: datetime) -> timedelta:
    """Return a delay spread evenly over the report's spread, always the same for one run."""
    digest = sha256(f"{report.name} {at.isoformat()}".encode()).digest()
    return report.setting.spread * (int.from_bytes(digest[:4], "big") / 2**32)


def _is_fresh(slot: Slot, now: datetime) -> bool:
    """Return whether a run waits for its first try, was surely not posted, and is a scheduled one."""
    is_untouched = slot.state is SlotState.WAITING and slot.tries == 0 and not slot.why
    return is_untouched and not slot.asked_by and slot.due_at <= now


def _may_start(report: Report, slot: Slot, now: datetime) -> bool:
    """Return whether a run may start now; a late one waits for working hours."""
    hours = report.setting.hours
    if hours is None or slot.asked_by or not is_late(report, slot, now):
        return True
    return hours.model_copy(update={"zone": report.setting.zone}).covers(now)

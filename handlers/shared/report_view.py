"""Reports as programs read them."""

from dataclasses import dataclass
from datetime import datetime

from bot.changes.change_result import PersonRef
from bot.commands.context import Context
from bot.domain.result import CommandResult
from bot.reports.record import Report, ReportStatus, RunLabel, Slot
from bot.settings.report_settings import MissedRunPolicy, ReportSetting


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRunView:
    """A run of a report: `scheduled_at` is its time by the schedule, or when `requested_by` has started it.

    `reason` says in words why it was skipped or has failed.
    """

    scheduled_at: datetime
    state: RunLabel
    reason: str | None
    attempts: int
    requested_by: str | None

    @classmethod
    def of(cls, slot: Slot) -> "ReportRunView":
        """Return the view of a run."""
        return cls(
            scheduled_at=slot.at,
            state=slot.state.label,
            reason=slot.why or None,
            attempts=slot.tries,
            requested_by=slot.asked_by or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportHours:
    """The hours in which a report may run, in its own zone: `days` are mon to sun, `end` is excluded."""

    days: tuple[str, ...]
    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """A report with its settings.

    `owner` is whose permissions it has; `created_by` is null for one of app.yaml. `pause_reason` is in words,
    for a pause or a snooze. `next_run_at` is null while it is paused, where its schedule has no more times,
    and while this machine's clock may be wrong; `last_run` is the last one that has ended.
    """

    name: str
    command: str
    schedule: str
    time_zone: str
    channel: str
    owner: PersonRef
    reason: str | None
    is_in_app_yaml: bool
    created_by: PersonRef | None
    created_at: datetime | None
    missed_runs: MissedRunPolicy
    jitter_seconds: int
    hours: ReportHours | None
    holiday_calendar: str | None
    sections: tuple[str, ...]
    muted_sections: tuple[str, ...]
    is_paused: bool
    snoozed_until: datetime | None
    pause_reason: str | None
    next_run_at: datetime | None
    last_run: ReportRunView | None


async def view_report(
    report: Report, ctx: Context, status: ReportStatus | None = None, last: Slot | None = None
) -> ReportView:
    """Return the view of a report; without a status, it is neither paused nor snoozed."""
    setting, status = report.setting, status or ReportStatus(name=report.name)
    pause = status.skip_reason(ctx.now())
    return ReportView(
        name=report.name,
        command=setting.command,
        schedule=setting.when,
        time_zone=setting.zone,
        channel=setting.channel,
        owner=await ctx.find_person(setting.owner),
        reason=setting.reason or None,
        is_in_app_yaml=report.is_from_file,
        created_by=await ctx.find_person(report.by) if report.by else None,
        created_at=report.at,
        missed_runs=setting.late,
        jitter_seconds=int(setting.spread.total_seconds()),
        hours=_view_hours(setting),
        holiday_calendar=setting.holidays,
        sections=setting.sections,
        muted_sections=status.muted,
        is_paused=bool(status.paused),
        snoozed_until=status.snoozed_until if pause and not status.paused else None,
        pause_reason=pause or None,
        next_run_at=next(iter(ctx.reports.find_next_runs(report, status, 1)), None),
        last_run=ReportRunView.of(last) if last else None,
    )


def _view_hours(setting: ReportSetting) -> ReportHours | None:
    hours = setting.hours
    return ReportHours(days=hours.days, start=hours.since, end=hours.until) if hours else None


async def read_report(report: Report, ctx: Context) -> ReportView:
    """Return the view of a report as it stands now."""
    statuses, last = await ctx.reports.rows.standings(), await ctx.reports.rows.last_slots()
    return await view_report(report, ctx, statuses.get(report.name), last.get(report.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportResult(CommandResult):
    """A report as it stands after the command."""

    report: ReportView

    @classmethod
    async def of(cls, report: Report, ctx: Context) -> "ReportResult":
        """Return the result for a report as it stands now."""
        return cls(report=await read_report(report, ctx))

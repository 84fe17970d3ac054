"""Reports as programs read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from bot.changes.change_result import PersonRef
from bot.commands.context import Context
from bot.commands.declaration import Arguments, InForm, Picks, Positional
from bot.commands.parser import parse
from bot.domain.errors import InputError
from bot.domain.result import CommandResult
from bot.reports.record import Report, ReportStatus, RunLabel, Slot
from bot.settings.report_settings import MissedRunPolicy
from handlers.shared.audit_visibility import AuditVisibility, sees_everything


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
    pause, hours = status.skip_reason(ctx.now()), setting.hours
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
        hours=ReportHours(days=hours.days, start=hours.since, end=hours.until) if hours else None,
        holiday_calendar=setting.holidays,
        sections=setting.sections,
        muted_sections=status.muted,
        is_paused=bool(status.paused),
        snoozed_until=status.snoozed_until if pause and not status.paused else None,
        pause_reason=pause or None,
        next_run_at=next(iter(ctx.reports.find_next_runs(report, status, 1)), None),
        last_run=ReportRunView.of(last) if last else None,
    )


async def read_report(report: Report, ctx: Context) -> ReportView:
    statuses, last = await ctx.reports.rows.standings(), await ctx.reports.rows.last_slots()
    return await view_report(report, ctx, statuses.get(report.name), last.get(report.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportResult(CommandResult):
    """A report as it stands after the command."""

    report: ReportView

    @classmethod
    async def of(cls, report: Report, ctx: Context) -> "ReportResult":
        return cls(report=await read_report(report, ctx))


async def list_reports(ctx: Context) -> list[Report]:
    """Return those of app.yaml, then those made in Slack."""
    reports = await ctx.reports.all_reports()
    if sees_everything(ctx):
        return reports
    sight = await AuditVisibility.of(ctx)
    return [each for each in reports if _may_know(each, sight, ctx)]


async def list_report_names(ctx: Context) -> list[str]:
    return sorted(each.name for each in await list_reports(ctx))


async def find_report(name: str, ctx: Context) -> Report:
    """Return a report by name. Raises NoSuchThing, in the same words for one that they may not know of."""
    return ctx.reports.find_report(name, await list_reports(ctx))


def _may_know(report: Report, sight: AuditVisibility, ctx: Context) -> bool:
    setting = report.setting
    if setting.owner == ctx.invocation.actor.member:
        return True
    if sight.gaps and _names_something(setting.command, ctx):
        return False
    return not sight.hidden.named_in(" ".join((setting.command, setting.reason, *setting.sections)))


def _names_something(command: str, ctx: Context) -> bool:
    """Return whether the command has arguments, since any of them may name a cluster."""
    try:
        arguments = parse(command, ctx.registry).arguments
    except InputError:
        return True
    return arguments.model_fields_set != set()


class ReportArguments(Arguments):
    report: Annotated[str, Positional(), Picks("report", list_report_names), InForm(label="Report", hint="")]
    """Name of the report"""

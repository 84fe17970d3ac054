"""The part of reports that commands use: which exist, when they are due, and changes to them."""

import asyncio
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from bot.domain.command_info import CommandEffect, ParsedLine
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import BadArgument, ConfigError, InputError, NoSuchThing
from bot.domain.nearest_names import nearest_name
from bot.domain.phrases import quote_text
from bot.domain.schedule import DaysOff, Schedule
from bot.domain.stored_values import Provenance, digest_value
from bot.reports.message import format_local
from bot.reports.record import Report, ReportStatus
from bot.reports.store import ReportRows
from bot.runtime.clock import Clock, Wakeup
from bot.settings.model import Settings
from bot.settings.report_settings import HolidaySettings, ReportSetting

MOST_CALENDAR_BYTES = 5_000_000
"""Size of a calendar file; the parser takes some seconds for it."""

Parse = Callable[[str], ParsedLine]
"""From a command line to the command that it names. Raises InputError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportService:
    """Made by `open_reports`. `waker` wakes the scheduler, where this process has one. `accounts` is a digest
    of the accounts that are asked."""

    rows: ReportRows
    from_file: tuple[Report, ...]
    calendars: dict[str, DaysOff]
    parse: Parse
    clock: Clock
    waker: Wakeup
    accounts: str

    async def read_calendars(self, settings: Settings) -> None:
        """Read the calendars of holidays for the years around now. Raises ConfigError."""
        read = await asyncio.to_thread(read_calendars, settings.holidays, self.clock.now())
        self.calendars.update(read)

    async def all_reports(self) -> list[Report]:
        """Return those of app.yaml, then those made in Slack; a name of the file hides one of Slack's."""
        names = {each.name for each in self.from_file}
        made = await self.rows.made_in_slack()
        return [*self.from_file, *(each for each in made if each.name not in names)]

    def find_report(self, name: str, reports: Sequence[Report]) -> Report:
        """Return the one of these reports with a name. Raises NoSuchThing."""
        known = {each.name: each for each in reports}
        found = known.get(name.strip().casefold())
        if found is None:
            near = nearest_name(name, known, 60)
            hint = f"Did you mean {near}?" if near else "“report list” lists the reports."
            raise NoSuchThing(ErrorCode.REPORT_NOT_FOUND, f"There is no report {quote_text(name)}.", hint)
        return found

    def make_provenance(self, report: Report, permissions: str) -> Provenance:
        """Return what a result of the report depends on besides the cloud; see `Policy.scope`."""
        command = " ".join(report.setting.command.split())
        return {"command": digest_value(command), "permissions": permissions, "accounts": self.accounts}

    def schedule_of(self, setting: ReportSetting) -> Schedule:
        """Return its schedule. Raises BadArgument for a calendar that app.yaml does not have."""
        try:
            return setting.schedule(self.calendars)
        except KeyError:
            raise BadArgument(
                f"There is no holiday calendar called {setting.holidays}.",
                f"holidays in app.yaml has: {', '.join(sorted(self.calendars)) or 'none'}.",
            ) from None

    def next_times(self, setting: ReportSetting, count: int = 1) -> list[datetime]:
        """Return the next times from now, UTC. Raises BadArgument."""
        return list(islice(self.schedule_of(setting).after(self.clock.now()), count))

    def find_next_runs(self, report: Report, status: ReportStatus, count: int) -> tuple[datetime, ...]:
        """Return the times of the next runs, UTC: those after a snooze, and none while it is paused, or while
        this machine's clock may be wrong."""
        now = self.clock.now()
        if status.paused or self.clock.doubt is not None:
            return ()
        # A run at the very end of a snooze is not skipped, and a schedule yields what is later than a time.
        start = max(now, (status.snoozed_until or now) - timedelta(microseconds=1))
        try:
            return tuple(islice(self.schedule_of(report.setting).after(start), count))
        except BadArgument:
            return ()

    def describe_next_times(self, report: Report, count: int = 1) -> str:
        """Say the next times in the report's zone, or why there are none."""
        if self.clock.doubt is not None:
            return "when this machine's clock is right again"
        try:
            times = self.next_times(report.setting, count)
        except BadArgument as error:
            return error.sentence
        return "; ".join(format_local(report, each) for each in times) or "none"

    def describe_skipped(self, setting: ReportSetting, count: int) -> str | None:
        """Name the next holidays on which it would have been due; None without a calendar."""
        try:
            schedule = self.schedule_of(setting)
        except BadArgument:
            return None
        days = islice(schedule.skipped(self.clock.now()), count)
        named = (f"{day:%a %d %b %Y}" + (f" ({name})" if name else "") for day, name in days)
        return ("; ".join(named) or "none within a year") if setting.holidays else None

    def check_setting(self, setting: ReportSetting, *, from_file: bool = False) -> None:
        """Raise InputError for a report that may not be: only read-only commands may be reports and, in
        app.yaml, whose editor names the owner, changes that allow it."""
        parsed = self.parse(setting.command)
        if from_file and parsed.command.schedulable and parsed.is_dry_run:
            raise BadArgument("A report can't be a dry run, which requests nothing.", "Leave --dry-run out.")
        if parsed.command.effect is not CommandEffect.READ and not (from_file and parsed.command.schedulable):
            raise BadArgument(
                f"“{parsed.command.name}” makes changes, and reports must be read-only.",
                "Choose a read-only command.",
            )
        if parsed.is_for_programs:
            raise BadArgument("A report is for people, so it has no --output.", "Leave that flag out.")
        if not self.next_times(setting):
            raise BadArgument("This report would never run.", "Check its schedule, hours and holidays.")

    def check_file_reports(self) -> None:
        """Raise ConfigError for a report of app.yaml that cannot be made."""
        for each in self.from_file:
            try:
                self.check_setting(each.setting, from_file=True)
            except InputError as error:
                what = f"The report {each.name} in app.yaml: {error.sentence}"
                raise ConfigError(what, error.next_step) from None


async def open_reports(settings: Settings, parse: Parse, rows: ReportRows, clock: Clock) -> ReportService:
    """Return the service, its reports not checked yet. Raises ConfigError for a calendar."""
    return ReportService(
        rows=rows,
        from_file=tuple(Report(setting=each) for each in settings.reports),
        calendars=await asyncio.to_thread(read_calendars, settings.holidays, clock.now()),
        parse=parse,
        clock=clock,
        waker=Wakeup(),
        accounts=digest_value(settings.ionos.accounts),
    )


def read_calendars(settings: HolidaySettings, now: datetime) -> dict[str, DaysOff]:
    """Return the days of each calendar. Reads files, so not for the event loop. Raises ConfigError."""
    return {
        name: _read(name, Path(given), now) if isinstance(given, str) else DaysOff(dict.fromkeys(given, ""))
        for name, given in settings.items()
    }


def _read(name: str, path: Path, now: datetime) -> DaysOff:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_CALENDAR_BYTES + 1)
        if len(content) > MOST_CALENDAR_BYTES:
            raise _calendar_error(
                name, f"the file {path} has more than {MOST_CALENDAR_BYTES // 1_000_000} MB"
            )
        days: DaysOff = importlib.import_module("bot.reports.calendar_file").parse_calendar(content, now)
    except OSError as error:
        raise _calendar_error(name, f"the file {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise _calendar_error(name, f"the file {path} can't be read as a calendar ({error})") from None
    return days


def _calendar_error(name: str, why: str) -> ConfigError:
    return ConfigError(f"holidays.{name}: {why}.", "Name an ICS file, or list the dates.")

"""Calendars of holidays: lists of dates, and ICS files (RFC 5545)."""

import importlib
from datetime import datetime
from pathlib import Path

from bot.domain.errors import ConfigError
from bot.domain.schedule import DaysOff
from bot.settings.report_settings import HolidaySettings

MOST_BYTES = 5_000_000
"""Size of a calendar file; the parser takes some seconds for it."""


def read_calendars(settings: HolidaySettings, now: datetime) -> dict[str, DaysOff]:
    """Return the days of each calendar. Reads files, so not for the event loop. Raises ConfigError."""
    return {
        name: _read(name, Path(given), now) if isinstance(given, str) else DaysOff(dict.fromkeys(given, ""))
        for name, given in settings.items()
    }


def _read(name: str, path: Path, now: datetime) -> DaysOff:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise _calendar_error(name, f"the file {path} has more than {MOST_BYTES // 1_000_000} MB")
        days: DaysOff = importlib.import_module("bot.reports.calendar_file").parse_calendar(content, now)
    except OSError as error:
        raise _calendar_error(name, f"the file {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise _calendar_error(name, f"the file {path} can't be read as a calendar ({error})") from None
    return days


def _calendar_error(name: str, why: str) -> ConfigError:
    return ConfigError(f"holidays.{name}: {why}.", "Name an ICS file, or list the dates.")

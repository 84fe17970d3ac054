"""Calendars of holidays: lists of dates, and ICS files (RFC 5545)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from bot.domain.errors import ConfigError
from bot.settings.report_settings import HolidaySettings

REPEAT_YEARS = 100
"""Years from its first for which an event that repeats every year counts."""

MAX_EVENT_DAYS = 366
"""Days of one event."""


def read_calendars(settings: HolidaySettings) -> dict[str, frozenset[date]]:
    """Return the days of each calendar. Reads files, so not for the event loop. Raises ConfigError."""
    return {
        name: _read(name, Path(given)) if isinstance(given, str) else frozenset(given)
        for name, given in settings.items()
    }


def _read(name: str, path: Path) -> frozenset[date]:
    try:
        calendar = Calendar.from_ical(path.read_bytes())
        return frozenset(day for each in calendar.events for day in _days(each))
    except OSError as error:
        raise _calendar_error(name, f"the file {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _calendar_error(name, f"the file {path} is no calendar that can be read ({error})") from None


def _days(event: Event) -> Iterator[date]:
    """Yield every day that the event touches; its end is exclusive."""
    first, end = _day(event.start), _day(event.end)
    days = range(min(max((end - first).days, 1), MAX_EVENT_DAYS))
    for year in _years(event, first):
        start = _in_year(first, year)
        if start is not None:
            yield from (start + timedelta(days=number) for number in days)


def _years(event: Event, first: date) -> range:
    rule: Mapping[str, list[object]] | None = event.get("RRULE")
    if rule is None:
        return range(first.year, first.year + 1)
    given = {key.upper(): value for key, value in rule.items()}
    # Some programs repeat the event's own date in the rule.
    same = {"BYMONTH": [first.month], "BYMONTHDAY": [first.day], "INTERVAL": [1]}
    rest = {key for key, value in given.items() if value != same.get(key)}
    if given.get("FREQ") != ["YEARLY"] or rest - {"FREQ", "UNTIL", "COUNT"}:
        raise ValueError(f"“{event.get('SUMMARY', '')}” repeats in another way than once a year on its date")
    until, count = given.get("UNTIL"), given.get("COUNT")
    last = first.year + REPEAT_YEARS
    if until:
        last = min(last, _day(until[0]).year)
    if count:
        last = min(last, first.year + int(str(count[0])) - 1)
    return range(first.year, last + 1)


def _in_year(day: date, year: int) -> date | None:
    try:
        return day.replace(year=year)
    except ValueError:
        return None  # 29 February


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise ValueError("an event without a date")


def _calendar_error(name: str, why: str) -> ConfigError:
    return ConfigError(f"holidays.{name}: {why}.", "Name an ICS file with whole days, or list the dates.")

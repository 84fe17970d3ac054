"""Events of a calendar file: one event's times, and the series of events that share a UID (RFC 5545)."""

from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from icalendar.cal import Component

from bot.domain.recurrence import RecurrenceRule
from bot.domain.text_safety import clip_text, strip_invisible_line
from bot.reports.ics_time_zone import IcsTimeZone, as_list

NAME_LENGTH = 60
"""Characters of an event's name that are kept."""

TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID")


class Length(NamedTuple):
    """The length of an occurrence: days by the wall clock, and time elapsed after them."""

    days: timedelta
    elapsed: timedelta


class IcsEvent:
    """One VEVENT. Times are local to its zone; a whole day begins at midnight."""

    def __init__(self, event: Component, zones: dict[str, IcsTimeZone]) -> None:
        self._event: Mapping[str, Any] = event
        self._zones = zones
        self.name = clip_text(strip_invisible_line(str(event.get("SUMMARY", ""))), NAME_LENGTH)
        broken = next((name for name, _ in event.errors if name in TIMES), None)
        if broken or "DTSTART" not in event:
            raise ValueError(f"“{self.name}” has {f'an unreadable {broken}' if broken else 'no date'}")
        given = self._value("DTSTART")
        self.is_whole_day = not isinstance(given, datetime)
        self.zone: tzinfo | None = given.tzinfo if isinstance(given, datetime) else None
        self.start = self.local(given)
        self.is_cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
        self.sequence = int(event.get("SEQUENCE", 0))
        self.uid = str(event.get("UID", "")) or id(event)
        self.replaces: date | None = self._value("RECURRENCE-ID") if "RECURRENCE-ID" in event else None
        self.and_later = "RECURRENCE-ID" in event and (
            str(event["RECURRENCE-ID"].params.get("RANGE", "")).upper() == "THISANDFUTURE"
        )
        self.length = self._length()

    def local(self, value: date) -> datetime:
        """Return a time of this calendar on the clocks of the event's zone."""
        if not isinstance(value, datetime):
            return datetime.combine(value, time())
        # The last day that there is stands for “without end” and has no time in other zones.
        is_movable = value.tzinfo is not None and self.zone is not None and 1 < value.year < MAXYEAR
        return (value.astimezone(self.zone) if is_movable else value).replace(tzinfo=None)

    def key(self, value: date) -> date:
        """Return what is left out by a time: a date leaves out its whole day."""
        local = self.local(value)
        return local if isinstance(value, datetime) and not self.is_whole_day else local.date()

    def instant(self, local: datetime) -> datetime:
        """Return a local time in UTC; one without a zone stays as it is."""
        return local.replace(tzinfo=self.zone).astimezone(UTC) if self.zone else local

    def end(self, local: datetime, length: Length) -> datetime:
        """Return the end of an occurrence, in UTC unless it has no zone."""
        return self.instant(local + length.days) + length.elapsed

    def rules(self, key: str) -> Iterator[RecurrenceRule]:
        """Yield the rules of RRULE or EXRULE. Raises ValueError for one that cannot be followed."""
        for given in as_list(self._event.get(key)):
            try:
                yield RecurrenceRule.parse(given)
            except (ValueError, KeyError, IndexError) as error:
                raise ValueError(f"“{self.name}”: {error}") from None

    def last_of(self, rule: RecurrenceRule, latest: datetime) -> datetime:
        """Return the last local time of a rule; an UNTIL without a time takes in its whole day."""
        if rule.until is None:
            return latest
        until = self.local(rule.until)
        if not isinstance(rule.until, datetime) or self.is_whole_day:
            until = until.replace(hour=23, minute=59, second=59)
        return min(until, latest)

    def dates(self, key: str) -> Iterator[tuple[date, Length | None]]:
        """Yield the times of RDATE or EXDATE; a period has its own length."""
        for given in as_list(self._event.get(key)):
            for each in given.dts:
                first, last = each.dt if isinstance(each.dt, tuple) else (each.dt, None)
                start = self._in_zone(first, given.params)
                yield (
                    start,
                    None if last is None else self._length_to(start, self._in_zone(last, given.params)),
                )

    def _length(self) -> Length:
        given = self._event.get("DURATION") or self._event.get("DTEND")
        least = Length(timedelta(days=1) if self.is_whole_day else timedelta(), timedelta())
        if given is None:
            return least
        length = self._length_to(self._value("DTSTART"), self._in_zone(given.dt, given.params))
        return max(length, least)

    def _length_to(self, start: date, end: Any) -> Length:
        """Return the length up to an end, or of a duration: days by the wall clock, the rest elapsed."""
        if isinstance(end, timedelta):
            return Length(timedelta(days=end.days), end - timedelta(days=end.days))
        if self.is_whole_day:
            return Length(self.local(end) - self.local(start), timedelta())
        return Length(timedelta(), self.instant(self.local(end)) - self.instant(self.local(start)))

    def _value(self, key: str) -> Any:
        found = self._event[key]
        return self._in_zone(found.dt, found.params)

    def _in_zone(self, value: Any, params: Any) -> Any:
        """Return the time in the zone that the file itself describes, where its name is of no known zone."""
        name = params.get("TZID")
        if isinstance(value, datetime) and name in self._zones and not isinstance(value.tzinfo, ZoneInfo):
            return value.replace(tzinfo=self._zones[name])
        return value

"""The days of a calendar file (RFC 5545): its events, and the time zones that it describes itself. The parser
is large, and loaded for calendars alone."""

import warnings
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.cal import Component

from bot.domain.recurrence import RecurrenceRule, TooMuchWork, WorkLimit
from bot.domain.schedule import DaysOff, TimeOff
from bot.domain.text_safety import clip_text, strip_invisible_line

YEARS_AHEAD = 10
"""Years from the start of the process for which recurring events are followed."""

MOST_STEPS = 2_000_000
"""Steps that the events of a file may take, a few seconds in all."""

MOST_TIMES = 40_000
"""Occurrences with a time of day, which the zones of reports read again."""

NAME_LENGTH = 60
"""Characters of an event's name that are kept."""

TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID")


def _as_list(value: Any) -> list[Any]:
    """Return the values of a property that may occur several times."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


class IcsTimeZone(tzinfo):
    """The offsets of one VTIMEZONE by local time, from a year before a window to its end."""

    def __init__(self, described: Component, window: tuple[datetime, datetime], work: WorkLimit) -> None:
        self._described, self._window, self._work = described, window, work

    @cached_property
    def _changes(self) -> tuple[list[datetime], list[timedelta]]:
        """The local times of all changes, and the offset before the first and after each.

        Read when they are needed: most files describe a zone that is known by its name.
        """
        changes = sorted(
            change
            for each in self._described.walk()
            if each.name in {"STANDARD", "DAYLIGHT"}
            for change in self._list_changes(each)
        )
        if not changes:
            raise ValueError(f"the time zone {self._described.get('TZID', '')} has no offset")
        return [at for at, _, _ in changes], [changes[0][1], *(offset for _, _, offset in changes)]

    def utcoffset(self, at: datetime | None, /) -> timedelta:
        """Return the offset from UTC: in a gap the one before it, in a repeated hour the first."""
        times, offsets = self._changes
        return offsets[0 if at is None else bisect_right(times, at.replace(tzinfo=None))]

    def dst(self, _at: datetime | None, /) -> timedelta:
        """Return nothing: only the offset matters."""
        return timedelta()

    def tzname(self, _at: datetime | None, /) -> str | None:
        return None

    def _list_changes(self, observance: Mapping[str, Any]) -> Iterator[tuple[datetime, timedelta, timedelta]]:
        """Yield the local time of each change, and the offsets before and after it."""
        start = observance["DTSTART"].dt.replace(tzinfo=None)
        before, after = observance["TZOFFSETFROM"].td, observance["TZOFFSETTO"].td
        for at in self._list_onsets(observance, start, before):
            # A time in the gap is read with the offset before it (RFC 5545, 3.3.5).
            yield at + max(after - before, timedelta()), before, after

    def _list_onsets(
        self, observance: Mapping[str, Any], start: datetime, before: timedelta
    ) -> Iterator[datetime]:
        yield start
        first, last = self._window
        for given in _as_list(observance.get("RRULE")):
            rule = RecurrenceRule.parse(given)
            until = last
            if isinstance(rule.until, datetime):
                until = min(last, rule.until.replace(tzinfo=None) + before)
            since = first - timedelta(days=366)
            yield from rule.occurrences(start, since=since, until=until, work=self._work)
        for given in _as_list(observance.get("RDATE")):
            yield from (each.dt.replace(tzinfo=None) for each in given.dts)


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
        for given in _as_list(self._event.get(key)):
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
        for given in _as_list(self._event.get(key)):
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


def parse_calendar(content: bytes, now: datetime) -> DaysOff:
    """Return the days of a file. Raises what the parser does for one that it cannot read, and ValueError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the parser's guesses at the names of time zones
        calendars = Calendar.from_ical(content, multiple=True)
    return _CalendarDays(calendars, now).days_off()


class _CalendarDays:
    """The days of one file, from a year before `now` on."""

    def __init__(self, calendars: Sequence[Component], now: datetime) -> None:
        today = now.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
        self._first = today - timedelta(days=366)
        self._last = today + timedelta(days=YEARS_AHEAD * 366)
        self._work = WorkLimit(MOST_STEPS)
        self._days: dict[date, str] = {}
        self._times: list[TimeOff] = []
        self._zones: dict[str, IcsTimeZone] = {}
        self._series: defaultdict[object, list[IcsEvent]] = defaultdict(list)
        if not calendars:
            raise ValueError("it is empty")
        for calendar in calendars:
            self._read_calendar(calendar)

    def _read_calendar(self, calendar: Component) -> None:
        for each in calendar.walk("VTIMEZONE"):
            self._zones[str(each.get("TZID", ""))] = IcsTimeZone(each, (self._first, self._last), self._work)
        for each in calendar.walk("VEVENT"):
            event = IcsEvent(each, self._zones)
            self._series[event.uid].append(event)

    def days_off(self) -> DaysOff:
        """Return the days that the events touch. Raises ValueError."""
        for events in self._series.values():
            try:
                self._add_series(events)
            except TooMuchWork:
                raise TooMuchWork(f"“{events[0].name}” recurs too often") from None
        return DaysOff(self._days, tuple(self._times))

    def _add_series(self, events: list[IcsEvent]) -> None:
        """Add the events of one UID: its recurrences, and those that replace some."""
        replaced: defaultdict[date | None, list[IcsEvent]] = defaultdict(list)
        for each in events:
            replaced[each.replaces].append(each)
        masters = _newest(replaced.pop(None, []))
        changes = [change for each in replaced.values() for change in _newest(each)]
        if masters and all(each.is_cancelled for each in masters):
            return
        for master in masters:
            self._add_recurrences(master, changes)
        for change in changes:
            if not change.is_cancelled:
                self._add(change, change.start, change.length)

    def _add_recurrences(self, master: IcsEvent, changes: list[IcsEvent]) -> None:
        """Add the occurrences of an event, but those that others replace or move."""
        self._work.spend(len(changes))
        replaced = {master.key(each.replaces) for each in changes if each.replaces is not None}
        movers = sorted(
            ((master.local(each.replaces), each) for each in changes if each.and_later and each.replaces),
            key=itemgetter(0),
        )
        for at, length in self._recurrences(master):
            if at in replaced or at.date() in replaced:
                continue
            place = bisect_right(movers, at, key=itemgetter(0)) - 1
            if place < 0:
                self._add(master, at, length)
                continue
            since, mover = movers[place]
            if not mover.is_cancelled:
                self._add(mover, mover.start + (at - since), mover.length)

    def _recurrences(self, master: IcsEvent) -> Iterator[tuple[datetime, Length]]:
        """Yield the occurrences of an event that it does not leave out itself."""
        longest = master.length.days + master.length.elapsed + timedelta(days=2)
        since = self._first - min(longest, timedelta(days=self._first.toordinal() - 1))
        left_out = {master.key(given) for given, _ in master.dates("EXDATE")}
        for rule in master.rules("EXRULE"):
            first, *later = self._follow(master, rule, since)
            left_out |= {master.key(at) for at in later}
            left_out |= {master.key(first)} if rule.includes(first, self._work) else set()
        found = {master.start: master.length}
        for rule in master.rules("RRULE"):
            found |= dict.fromkeys(self._follow(master, rule, since), master.length)
        found |= {master.local(given): length or master.length for given, length in master.dates("RDATE")}
        return ((at, each) for at, each in found.items() if not {at, at.date()} & left_out)

    def _follow(self, master: IcsEvent, rule: RecurrenceRule, since: datetime) -> Iterator[datetime]:
        until = master.last_of(rule, self._last)
        return rule.occurrences(master.start, since=since, until=until, work=self._work)

    def _add(self, event: IcsEvent, at: datetime, length: Length) -> None:
        """Add one occurrence as far as it lies in the time that is followed."""
        if at > self._last:
            return
        if event.is_whole_day:
            days = range(max((self._first - at).days, 0), min(length.days, self._last - at).days)
            self._work.spend(len(days))
            for number in days:
                self._days.setdefault((at + timedelta(days=number)).date(), event.name)
            return
        start, end = event.instant(at), event.end(at, length)
        if end.replace(tzinfo=None) >= self._first:
            self._work.spend(max((end - start).days + 1, 1) * (MOST_STEPS // MOST_TIMES))
            self._times.append(TimeOff(start, end, event.name))


def _newest(events: list[IcsEvent]) -> list[IcsEvent]:
    """Return the events of the last revision; of equal ones all, as some programs use a UID twice."""
    last = max((each.sequence for each in events), default=0)
    return [each for each in events if each.sequence == last]

"""The days of a calendar file (RFC 5545). Its parser is large, and loaded for calendars alone."""

import warnings
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from operator import itemgetter

from icalendar import Calendar
from icalendar.cal import Component

from bot.domain.recurrence import RecurrenceRule, TooMuchWork, WorkLimit
from bot.domain.schedule import DaysOff, TimeOff
from bot.reports.ics_events import IcsEvent, Length
from bot.reports.ics_time_zone import IcsTimeZone

YEARS_AHEAD = 10
"""Years from the start of the process for which recurring events are followed."""

MOST_STEPS = 2_000_000
"""Steps that the events of a file may take, a few seconds in all."""

MOST_TIMES = 40_000
"""Occurrences with a time of day, which the zones of reports read again."""


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

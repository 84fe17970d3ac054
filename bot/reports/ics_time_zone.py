"""Time zones that a calendar file describes itself (VTIMEZONE of RFC 5545)."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any

from icalendar.cal import Component

from bot.domain.recurrence import RecurrenceRule, WorkLimit


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
            for change in _list_changes(each, self._window, self._work)
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
        """Return no name."""
        return None


def _list_changes(
    observance: Mapping[str, Any], window: tuple[datetime, datetime], work: WorkLimit
) -> Iterator[tuple[datetime, timedelta, timedelta]]:
    """Yield the local time of each change, and the offsets before and after it."""
    start = observance["DTSTART"].dt.replace(tzinfo=None)
    before, after = observance["TZOFFSETFROM"].td, observance["TZOFFSETTO"].td
    for at in _list_onsets(observance, start, window, work):
        # A time in the gap is read with the offset before it (RFC 5545, 3.3.5).
        yield at + max(after - before, timedelta()), before, after


def _list_onsets(
    observance: Mapping[str, Any], start: datetime, window: tuple[datetime, datetime], work: WorkLimit
) -> Iterator[datetime]:
    yield start
    for given in as_list(observance.get("RRULE")):
        rule = RecurrenceRule.parse(given)
        last = window[1]
        if isinstance(rule.until, datetime):
            last = min(last, rule.until.replace(tzinfo=None) + observance["TZOFFSETFROM"].td)
        yield from rule.occurrences(start, since=window[0] - timedelta(days=366), until=last, work=work)
    for given in as_list(observance.get("RDATE")):
        yield from (each.dt.replace(tzinfo=None) for each in given.dts)


def as_list(value: Any) -> list[Any]:
    """Return the values of a property that may occur several times."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]

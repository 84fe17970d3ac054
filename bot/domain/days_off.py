"""Days off: whole days, and spans of time whose days depend on the reader's zone; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class TimeOff:
    """A span of time. Naive times are the same on every wall clock. `end` is excluded."""

    start: datetime
    end: datetime
    name: str = ""

    def days(self, zone: ZoneInfo) -> Iterator[date]:
        """Yield the days that the span touches on the clocks of a zone, at least its first."""
        start, end = (at.astimezone(zone) if at.tzinfo else at for at in (self.start, self.end))
        first, last = start.date(), (end - timedelta(microseconds=1)).date()
        yield first
        yield from (first + timedelta(days=number) for number in range(1, (last - first).days + 1))


@dataclass(frozen=True, slots=True)
class DaysOff:
    """One calendar of holidays: names by date, and times that fall on a date only in a zone."""

    whole_days: Mapping[date, str]
    times: tuple[TimeOff, ...] = ()
    _by_zone: dict[str, Mapping[date, str]] = field(default_factory=dict, compare=False)

    def in_zone(self, zone: str) -> Mapping[date, str]:
        """Return the names of the days off by date in a zone; the name may be empty."""
        if not self.times:
            return self.whole_days
        if zone not in self._by_zone:
            place = ZoneInfo(zone)
            days = {day: each.name for each in self.times for day in each.days(place)}
            self._by_zone[zone] = {**days, **self.whole_days}
        return self._by_zone[zone]

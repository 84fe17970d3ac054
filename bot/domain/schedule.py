"""Schedules: the times of a timetable in a time zone, within working hours and without holidays."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.domain.timetable import Timetable

HORIZON = timedelta(days=5 * 366)
"""A schedule without a time within this is a mistake, such as 30 February."""


class WorkingWindow(Protocol):
    """Hours in which something may happen."""

    def covers(self, at: datetime) -> bool:
        """Return whether `at` lies in them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A timetable read in a time zone; nothing happens on holidays, which are dates there with their names,
    and outside of `hours`.

    Where the clocks change: a time that is skipped happens at the first moment after the gap, one that is
    repeated happens the first time. A cron whose hour field begins with * goes by elapsed time instead:
    it leaves out the skipped hour and happens in both of the repeated ones.
    """

    timetable: Timetable
    zone: str
    hours: WorkingWindow | None = None
    holidays: Mapping[date, str] = field(default_factory=dict)

    def after(self, at: datetime) -> Iterator[datetime]:
        """Yield every time later than `at`, ascending, UTC; ends where nothing comes for five years."""
        last = told = at
        zone = ZoneInfo(self.zone)
        midnight = at.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
        # From the day before, for a time in a gap that has just ended.
        walls = self.timetable.wall_times(midnight - timedelta(days=1))
        for local_day, times in groupby(walls, key=lambda each: each[0].date()):
            moments = {found for wall, cron in times for found in _moments(wall, cron, zone)}
            for moment in sorted(moments):
                if moment - told > HORIZON:
                    return
                if moment > last:
                    last = moment
                    if local_day not in self.holidays and (self.hours is None or self.hours.covers(moment)):
                        told = moment
                        yield moment

    def skipped(self, at: datetime) -> Iterator[tuple[date, str]]:
        """Yield the holidays, with their names, of the year after `at` on which it would happen."""
        zone, free = ZoneInfo(self.zone), replace(self, holidays={})
        today = at.astimezone(zone).date()
        for day in sorted(
            each for each in self.holidays if timedelta() <= each - today <= timedelta(days=366)
        ):
            before = datetime.combine(day, time(), zone).astimezone(UTC) - timedelta(seconds=1)
            first = next(free.after(max(before, at)), None)
            if first is not None and first.astimezone(zone).date() == day:
                yield day, self.holidays[day]


def _moments(wall: datetime, cron: str, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the times, UTC, at which clocks show this local time: none in a gap, two where it repeats."""
    elapses = cron.split()[1].startswith("*")
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        yield first.astimezone(UTC)
    elif first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        if not elapses:
            yield _end_of_gap(wall, zone)
    else:
        yield first.astimezone(UTC)
        if elapses:
            yield second.astimezone(UTC)


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """Find the change of the clocks by halving: the two readings of the skipped time lie around it."""
    low, high = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)

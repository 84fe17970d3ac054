"""Schedules: times of a cron or of plain words in a time zone, within working hours and without holidays."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Protocol
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from bot.domain.errors import BadArgument
from bot.domain.phrases import quote_text
from bot.domain.times import parse_clock

EXAMPLES = "Say it like “every Monday at 9:00”, “every weekday at 8:30”, “every 2 hours” or “0 9 * * 1-5”."
HORIZON = timedelta(days=5 * 366)
"""A schedule without a time within this is a mistake, such as 30 February."""

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_DAY_WORDS = {"day": "*", "weekday": "1-5", "working day": "1-5", "weekend": "0,6"} | {
    name: str(number) for number, day in enumerate(_DAYS) for name in (day, day[:3])
}
_CRON = re.compile(r"(?:[\d*,/-]+\s+){2}\S+\s+\S+\s+\S+")
"""Minutes and hours have no names in a cron, so “on the 1st at noon” is not taken for one."""

_OFTEN = re.compile(r"every (?:(?P<number>\d+) )?(?P<unit>minute|hour)s?")
_MONTHLY = re.compile(
    r"(?:month )?(?:on )?(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of (?:every|the) month)?"
)


class WorkingWindow(Protocol):
    """Hours in which something may happen."""

    def covers(self, at: datetime) -> bool:
        """Return whether `at` lies in them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A five-field cron read in a time zone; nothing happens on holidays, which are dates there, and
    outside of `hours`.

    Where the clocks change: a time that is skipped happens at the first moment after the gap, one that is
    repeated happens the first time. A schedule whose hour field begins with * goes by elapsed time instead:
    it leaves out the skipped hour and happens in both of the repeated ones.
    """

    cron: str
    zone: str
    hours: WorkingWindow | None = None
    holidays: frozenset[date] = frozenset()

    def after(self, at: datetime) -> Iterator[datetime]:
        """Yield every time later than `at`, ascending, UTC; ends where nothing comes for five years."""
        last = told = at
        zone = ZoneInfo(self.zone)
        for local_day, times in groupby(self._wall_times(at, zone), key=lambda each: each.date()):
            for moment in sorted({found for each in times for found in self._moments(each, zone)}):
                if moment - told > HORIZON:
                    return
                if moment > last:
                    last = moment
                    if local_day not in self.holidays and (self.hours is None or self.hours.covers(moment)):
                        told = moment
                        yield moment

    def _wall_times(self, at: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield local times from the day before `at` on, for a time in a gap that has just ended."""
        start = at.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0) - timedelta(days=1)
        yield from CronSim(self.cron, start - timedelta(seconds=1))

    def _moments(self, wall: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Yield the times, UTC, at which clocks show this local time: none in a gap, two where it repeats."""
        elapses = self.cron.split()[1].startswith("*")
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


def parse_schedule(when: str) -> str:
    """Return the five-field cron of plain words, or of a cron. Raises BadArgument."""
    words = " ".join(when.casefold().replace(",", " , ").split())
    is_cron = _CRON.fullmatch(when.strip())
    cron = " ".join(when.split()) if is_cron else _often(words) or _at_times(words)
    if not cron or not _happens(cron):
        raise BadArgument(f"“{quote_text(when)}” is no schedule.", EXAMPLES)
    return cron


def _happens(cron: str) -> bool:
    try:
        return next(Schedule(cron=cron, zone="UTC").after(datetime(2024, 1, 1, tzinfo=UTC)), None) is not None
    except (CronSimError, ValueError):
        return False


def _often(words: str) -> str:
    """Read `every 15 minutes`, `every hour`: only what divides the hour or the day, else it is uneven."""
    match = _OFTEN.fullmatch("every hour" if words == "hourly" else words)
    if match is None:
        return ""
    number, whole = int(match["number"] or 1), 60 if match["unit"] == "minute" else 24
    if number == 0 or whole % number:
        raise BadArgument(
            f"“{quote_text(words)}” does not come out even: {number} does not divide {whole}.",
            "Take a number that does, or write a cron.",
        )
    step = "*" if number == 1 else f"*/{number}"
    return f"{step} * * * *" if whole == 60 else f"0 {step} * * *"


def _at_times(words: str) -> str:
    days, _, times = words.rpartition(" at ")
    cron_days = _days(days)
    parsed = [parse_clock(each) for each in _several(times)]
    known = [each for each in parsed if each is not None and not each.second]
    if not cron_days or not known or len(known) != len(parsed):
        return ""
    if len({each.minute for each in known}) > 1:
        raise BadArgument("Several times of a day must have the same minute.", "Make one report for each.")
    hours = ",".join(str(hour) for hour in sorted({each.hour for each in known}))
    return f"{known[0].minute} {hours} {cron_days}"


def _several(words: str) -> list[str]:
    parts = (each.strip() for each in re.split(r",|\sand\s", words))
    return [each for each in parts if each]


def _days(words: str) -> str:
    """Return the last three fields: day of month, month, day of week."""
    words = re.sub(r"^(every|each|on)\s+", "", "day" if words == "daily" else words)
    monthly = _MONTHLY.fullmatch(words)
    if monthly is not None:
        return f"{int(monthly['day'])} * *"
    named = [_DAY_WORDS.get(each) or _DAY_WORDS.get(each.removesuffix("s")) for each in _several(words)]
    known = [each for each in named if each]
    return f"* * {','.join(known)}" if known and len(known) == len(named) else ""

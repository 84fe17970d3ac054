"""Schedules: the times of crons or plain words such as “last Friday at 9:00” in a zone, and days off."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from heapq import merge
from itertools import groupby, repeat
from zoneinfo import ZoneInfo

import cronsim.explain  # noqa: F401 - CronSim.explain imports it, when no descriptor may be free
from cronsim import CronSim, CronSimError

from bot.domain.approval_requirement import ChangeFreeze
from bot.domain.errors import BadArgument
from bot.domain.phrases import format_ordinal, quote_text
from bot.domain.time_words import parse_clock

EXAMPLES = (
    "Try “every weekday at 8:30”, “every Monday at 9:00 and 15:30”, “last Friday at 9:00”, “1st and 15th at "
    "7:00”, “every 2 weeks on Monday at 9:00”, “every 2 hours” or “0 9 * * 1-5”."
)
WEEK_ZERO = date(1970, 1, 5)
"""The Monday from which every second, third … week is counted, unless another day is given."""
MOST_WEEKS = 52

HORIZON = timedelta(days=5 * 366)
"""A schedule without a time within this is a mistake, such as 30 February."""

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_DAY_WORDS = {"day": "*", "weekday": "1-5", "working day": "1-5", "weekend": "0,6"} | {
    name: str(number) for number, day in enumerate(_DAYS) for name in (day, day[:3])
}
_ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "last": "L"}
_NUMBERS = {"other": 2, "two": 2, "three": 3, "four": 4}

_CRON = re.compile(r"(?:[\d*,/-]+\s+){2}\S+\s+\S+\s+\S+")
"""Minutes and hours have no names in a cron, so “on the 1st at noon” is not taken for one."""

_OFTEN = re.compile(r"every (?:(?P<number>\d+) )?(?P<unit>minute|hour)s?")
_SINCE = re.compile(r" (?:from|starting|starting on|starting from) (?P<date>\d{4}-\d\d-\d\d)$")
_WEEKDAY = "(?:sun|mon|tues|wednes|thurs|fri|satur)day"
_WEEKS = re.compile(
    rf"every (?:(?P<number>\d{{1,3}}|two|three|four) weeks|(?P<word>other) (?=week|{_WEEKDAY}))(?: on)? ?"
)
_UNCLEAR = re.compile(rf"every (?:2nd|3rd|4th|second|third|fourth) (?P<day>{_WEEKDAY})")
_MONTH = re.compile(r"^(?:month|monthly) (?=on )| (?:of|in) (?:the|every|each) month$")
_BEFORE_DAY = re.compile(r"^(?:(?:every|each|on|the) )+")
_ORDINAL = re.compile(r"\b(\d+)th\b")
_DAY = re.compile(
    r"(?:the )?(?P<ordinal>\d{1,2}(?:st|nd|rd|th)?|first|second|third|fourth|fifth|last)?"
    r"(?: ?(?P<noun>[a-z][a-z ]*))?"
)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Local times, those of every cron, in every `weeks`-th week counted from that of `first_week`."""

    crons: tuple[str, ...]
    weeks: int = 1
    first_week: date = WEEK_ZERO

    def wall_times(self, since: datetime) -> Iterator[tuple[datetime, str]]:
        """Yield local times from `since` on, ascending, each with its cron. Raises CronSimError."""
        monday = self.first_week - timedelta(days=self.first_week.weekday())
        before = since - timedelta(seconds=1)
        for at, cron in merge(*(zip(CronSim(cron, before), repeat(cron)) for cron in self.crons)):
            if (at.date() - monday).days // 7 % self.weeks == 0:
                yield at, cron

    def describe(self) -> str:
        """Return the times in words, such as “At 09:00 on the last Friday of the month”."""
        first, *others = (
            CronSim(cron, datetime.combine(WEEK_ZERO, datetime.min.time())).explain() for cron in self.crons
        )
        words = "; ".join((first, *(each[:1].lower() + each[1:] for each in others)))
        words = _ORDINAL.sub(lambda found: format_ordinal(int(found[1])), words)  # cronsim says “31th”
        if self.weeks == 1:
            return words
        since = f", counted from {self.first_week}" if self.first_week != WEEK_ZERO else ""
        return f"{words}, every {self.weeks} weeks{since}"


@lru_cache(maxsize=256)
def parse_schedule(when: str) -> Timetable:
    """Return the timetable of plain words, or of a five-field cron. Raises BadArgument."""
    if _CRON.fullmatch(when.strip()):
        timetable = Timetable((" ".join(when.split()),))
    else:
        timetable = _read(" ".join(when.casefold().replace(",", " , ").split()))
    if not timetable.crons or not _happens(timetable):
        raise BadArgument(f"I can't read “{quote_text(when)}” as a schedule.", EXAMPLES)
    return timetable


def _happens(timetable: Timetable) -> bool:
    """Return whether each cron comes within five years."""
    since = datetime.combine(date(2024, 1, 1), datetime.min.time())
    try:
        firsts = [next(CronSim(cron, since)) for cron in timetable.crons]
    except (CronSimError, StopIteration, ValueError):
        return False
    return all(first - since < HORIZON for first in firsts)


def _read(words: str) -> Timetable:
    often = _often(words)
    if often:
        return Timetable((often,))
    since = _SINCE.search(words)
    timetable = _every_weeks(_SINCE.sub("", words)) or Timetable(_at_times(words))
    if since is None:
        return timetable
    if timetable.weeks == 1:
        raise BadArgument(
            "Only schedules such as “every 2 weeks” can start from a date.", "Leave the date out."
        )
    try:
        return replace(timetable, first_week=date.fromisoformat(since["date"]))
    except ValueError:
        return Timetable(())


def _every_weeks(words: str) -> Timetable | None:
    """Read `every 2 weeks on Monday at 9:00`, `every other Friday at 9:00`; None for anything else."""
    unclear = _UNCLEAR.match(words)
    if unclear is not None and "month" not in words:
        raise BadArgument(
            f"“{quote_text(words)}” can be read in two ways.",
            f"Say “every 2 weeks on {unclear['day']} at …” or “second {unclear['day']} of the month at …”.",
        )
    match = _WEEKS.match(words)
    if match is None:
        return None
    given = match["number"] or match["word"]
    number = _NUMBERS[given] if given in _NUMBERS else int(given)
    rest = words[match.end() :].removeprefix("week ").removeprefix("on ")
    if f" {rest}".rfind(" at ") < 0:
        raise _no_time(words)
    crons = _at_times(f"monday {rest}" if rest.startswith("at ") else rest)
    # The last Friday of a month, every two weeks, is not a time that anybody means.
    by_weekday = all(re.fullmatch(r"\* \* [\d*,-]+", cron.split(maxsplit=2)[2]) for cron in crons)
    return Timetable(crons if by_weekday and 0 < number <= MOST_WEEKS else (), number)


def _no_time(words: str) -> BadArgument:
    return BadArgument(f"“{quote_text(words)}” has no time of day.", "Add it, such as “… at 9:00”.")


def _often(words: str) -> str:
    """Read `every 15 minutes`, `every hour`: only what divides the hour or the day, else it is uneven."""
    match = _OFTEN.fullmatch("every hour" if words == "hourly" else words)
    if match is None:
        return ""
    number, whole = int(match["number"] or 1), 60 if match["unit"] == "minute" else 24
    if number == 0 or whole % number:
        raise BadArgument(
            f"“{quote_text(words)}” is not regular: {whole} can't be divided by {number}.",
            f"Choose a number that divides {whole}, or use a cron expression.",
        )
    step = "*" if number == 1 else f"*/{number}"
    return f"{step} * * * *" if whole == 60 else f"0 {step} * * *"


def _at_times(words: str) -> tuple[str, ...]:
    """Return a cron for each minute of the hour and each kind of day; none for words that are not read."""
    days, at, times = words.removeprefix("at ").rpartition(" at ")
    if not at and (_days(words) or not words):
        raise _no_time(words)
    cron_days = _days(days) if at else ["* * *"]
    return tuple(f"{minute} {hours} {each}" for each in cron_days for minute, hours in _hours(times))


def _hours(words: str) -> list[tuple[int, str]]:
    """Return the hours for each minute in `9:00, 15:00 and 15:30`; empty for words that are no times."""
    parsed = [parse_clock(each) for each in _several(words)]
    by_minute: defaultdict[int, set[int]] = defaultdict(set)
    for each in parsed:
        if each is None or each.second:
            return []
        by_minute[each.minute].add(each.hour)
    return [(minute, ",".join(map(str, sorted(hours)))) for minute, hours in sorted(by_minute.items())]


def _several(words: str) -> list[str]:
    parts = (each.strip() for each in re.split(r",|\sand\s", words))
    return [each for each in parts if each]


def _days(words: str) -> list[str]:
    """Return the last three fields of a cron, empty for words that name no day.

    Days of the month and of the week have a cron each: “1st and Mondays” is one or the other.
    """
    words = _BEFORE_DAY.sub("", "day" if words == "daily" else words).removeprefix("week on ")
    words = _BEFORE_DAY.sub("", _MONTH.sub("", words))
    noun, fields = "", []
    for each in reversed(_several(words)):
        match = _DAY.fullmatch(each)
        if match is None:
            return []
        # The “2nd” of “2nd and 4th Tuesday” is of a Tuesday, too.
        noun = match["noun"] or (noun if match["ordinal"] else "")
        fields.append(_day_fields(_ordinal(match["ordinal"]), noun or "day"))
        noun = noun if match["ordinal"] else ""
    month = [of_month for of_month, _ in reversed(fields) if of_month]
    week = [of_week for _, of_week in reversed(fields) if of_week]
    if len(month) + len(week) < len(fields):
        return []
    return [f"{','.join(month)} * *"] * bool(month) + [f"* * {','.join(week)}"] * bool(week)


def _ordinal(word: str | None) -> str:
    """Return `1` for “first” and “1st”, L for “last”, and nothing for no word."""
    if not word:
        return ""
    return _ORDINALS.get(word) or str(int(word.rstrip("stndrh")))


def _day_fields(ordinal: str, noun: str) -> tuple[str, str]:
    """Return the cron's day of the month or day of the week, both empty for what is not read."""
    day = _DAY_WORDS.get(noun) or _DAY_WORDS.get(noun.removesuffix("s"), "")
    if not ordinal:
        return "", day
    if day == "*":
        return ordinal, ""
    if ordinal == "L":
        return ("LW", "") if day == "1-5" else ("", f"{day}L" * day.isdecimal())
    return "", f"{day}#{ordinal}" * day.isdecimal()


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
    hours: ChangeFreeze | None = None
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

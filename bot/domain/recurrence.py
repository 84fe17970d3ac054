"""Recurrence rules of RFC 5545, expanded with a limit on the work; pure.

`dateutil.rrule`, which other permissive expanders wrap, follows a rule without occurrences to the year 9999
(5 seconds for one line of a file, measured) and cannot be interrupted; `recurring-ical-events` is LGPL. The
tests compare this expander with `dateutil`.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import product

_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_RANGES = {
    "BYMONTH": (1, 12, False),
    "BYWEEKNO": (1, 53, True),
    "BYYEARDAY": (1, 366, True),
    "BYMONTHDAY": (1, 31, True),
    "BYHOUR": (0, 23, False),
    "BYMINUTE": (0, 59, False),
    "BYSECOND": (0, 60, False),
    "BYSETPOS": (1, 366, True),
}
"""Lowest and highest value of each part, and whether it may count from the end (RFC 5545, 3.3.10)."""

_OTHERS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", "RSCALE", "SKIP"}


class TooMuchWork(ValueError):
    """A calendar takes more steps than it may."""


@dataclass(slots=True)
class WorkLimit:
    """The steps that the expansion of one calendar may still take."""

    left: int

    def spend(self, steps: int = 1) -> None:
        """Count steps. Raises TooMuchWork."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork("it has too many recurrences")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceRule:
    """One RRULE. Times are local to its event, without a zone; whole days are midnights."""

    frequency: str
    interval: int
    count: int | None
    until: date | None
    days: frozenset[tuple[int, int]]
    """Ordinal, 0 for every one, and weekday, 0 for Monday."""
    week_start: int
    by: Mapping[str, frozenset[int]]

    @classmethod
    def parse(cls, given: Mapping[str, Iterable[object]]) -> "RecurrenceRule":
        """Read the parts of a rule. Raises ValueError for one that cannot be followed."""
        parts = {key.upper(): list(values) for key, values in given.items()}
        for key, allowed in (("RSCALE", "GREGORIAN"), ("SKIP", "OMIT")):
            if key in parts and _word(parts, key) != allowed:
                raise ValueError(f"{key}={_word(parts, key)} is not supported")
        unknown = next((key for key in parts if key not in _OTHERS and key not in _RANGES), None)
        frequency = _word(parts, "FREQ")
        if unknown is not None or frequency not in _FREQUENCIES:
            raise ValueError(f"{unknown or f'FREQ={frequency}'} is not part of RFC 5545")
        days = frozenset(map(_weekday, parts.get("BYDAY", ())))
        if frequency not in {"YEARLY", "MONTHLY"} and any(ordinal for ordinal, _ in days):
            raise ValueError(f"BYDAY has a number in a {frequency} rule")
        until = parts.get("UNTIL", [None])[0]
        return cls(
            frequency=frequency,
            interval=_positive(parts, "INTERVAL") or 1,
            count=_positive(parts, "COUNT"),
            until=until if isinstance(until, date) else None,
            days=days,
            week_start=_weekday(parts.get("WKST", ["MO"])[0])[1],
            by={key: _numbers(key, parts[key]) for key in _RANGES if key in parts},
        )

    def occurrences(
        self, start: datetime, *, since: datetime, until: datetime, work: WorkLimit
    ) -> Iterator[datetime]:
        """Yield `start`, which is always the first occurrence, and those after it up to `until`, ascending.

        Those before `since` may be left out.
        """
        yield start
        found = 1
        rule = _Expansion(self, start)
        first, last = rule.index(start), rule.index(until)
        if self.count is None and since > start:
            first += (rule.index(since) - first) // self.interval * self.interval
        for index in range(first, last + 1, self.interval):
            for moment in rule.in_period(index, work):
                if moment <= start:
                    continue
                found += 1
                if moment > until or (self.count is not None and found > self.count):
                    return
                yield moment

    def includes(self, start: datetime, work: WorkLimit) -> bool:
        """Return whether the rule itself comes at its start."""
        rule = _Expansion(self, start)
        return start in rule.in_period(rule.index(start), work)


class _Expansion:
    """A rule with the parts that it takes from its first occurrence."""

    def __init__(self, rule: RecurrenceRule, start: datetime) -> None:
        self.rule = rule
        by = dict(rule.by)
        days = rule.days
        level = _FREQUENCIES.index(rule.frequency)
        if not days and not by.keys() & {"BYWEEKNO", "BYYEARDAY", "BYMONTHDAY"}:
            if rule.frequency == "YEARLY":
                by.setdefault("BYMONTH", frozenset({start.month}))
            if level < 2:
                by["BYMONTHDAY"] = frozenset({start.day})
        if not days and (
            rule.frequency == "WEEKLY"
            or ("BYWEEKNO" in by and not by.keys() & {"BYYEARDAY", "BYMONTHDAY"} and level == 0)
        ):
            days = frozenset({(0, start.weekday())})
        for unit, (key, value) in enumerate(
            (("BYHOUR", start.hour), ("BYMINUTE", start.minute), ("BYSECOND", start.second)), start=4
        ):
            if level < unit:
                by.setdefault(key, frozenset({value}))
        self.by, self.days = by, days
        self.in_months = rule.frequency == "MONTHLY" or "BYMONTH" in by
        self.level = level

    def index(self, at: datetime) -> int:
        """Return the number of the period that `at` lies in."""
        if self.level == 0:
            return at.year
        if self.level == 1:
            return at.year * 12 + at.month - 1
        ordinal = at.toordinal()
        if self.level == 2:
            return (ordinal - 1 - self.rule.week_start) // 7
        steps = ((ordinal * 24 + at.hour) * 60 + at.minute) * 60 + at.second
        return steps // (86_400, 3_600, 60, 1)[self.level - 3]

    def in_period(self, index: int, work: WorkLimit) -> list[datetime]:
        """Return the occurrences of one period, ascending."""
        work.spend()
        days, times = self._days(index, work), self._times(index)
        if not days or not times:
            return []
        work.spend(len(days) * len(times))
        moments = [datetime.combine(day, at) for day, at in product(days, times)]
        positions = self.rule.by.get("BYSETPOS")
        if positions is None:
            return moments
        chosen = {at - 1 if at > 0 else len(moments) + at for at in positions}
        return [moments[at] for at in sorted(chosen) if 0 <= at < len(moments)]

    def _days(self, index: int, work: WorkLimit) -> list[date]:
        candidates = self._candidates(index)
        work.spend(len(candidates))
        return [day for ordinal in candidates if self._fits(day := date.fromordinal(ordinal))]

    def _candidates(self, index: int) -> list[int]:
        """Return the days of a period as ordinals, of a year those of the rule's months."""
        if self.level == 0:
            months = sorted(self.by.get("BYMONTH", range(1, 13)))
            return [day for month in months for day in _days_of_month(index, month)]
        if self.level == 1:
            return list(_days_of_month(index // 12, index % 12 + 1))
        if self.level == 2:
            first = index * 7 + 1 + self.rule.week_start
            return list(range(max(first, 1), first + 7))
        return [index // (1, 24, 1_440, 86_400)[self.level - 3]]

    def _times(self, index: int) -> list[time]:
        parts = [self.by.get(key) for key in ("BYHOUR", "BYMINUTE", "BYSECOND")]
        seconds = index * (0, 3_600, 60, 1)[max(self.level - 3, 0)] % 86_400
        now = (seconds // 3_600, seconds // 60 % 60, seconds % 60)
        for place in range(self.level - 3):
            given = parts[place]
            if given is not None and now[place] not in given:
                return []
            parts[place] = frozenset({now[place]})
        hours, minutes, leap = (sorted(part or ()) for part in parts)
        whole = sorted({min(second, 59) for second in leap})  # datetime has no leap second
        return [time(*each) for each in product(hours, minutes, whole)]

    def _fits(self, day: date) -> bool:
        by = self.by
        year_day, year_length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
        month_length = monthrange(day.year, day.month)[1]
        return (
            _matches(by.get("BYMONTH"), day.month)
            and _matches(by.get("BYMONTHDAY"), day.day, day.day - month_length - 1)
            and _matches(by.get("BYYEARDAY"), year_day, year_day - year_length - 1)
            and ("BYWEEKNO" not in by or _matches(by["BYWEEKNO"], *self._week_numbers(day)))
            and (not self.days or self._is_weekday(day, year_day, year_length, month_length))
        )

    def _is_weekday(self, day: date, year_day: int, year_length: int, month_length: int) -> bool:
        weekday = day.weekday()
        at, length = (day.day, month_length) if self.in_months else (year_day, year_length)
        ordinals = (0, (at - 1) // 7 + 1, -((length - at) // 7) - 1)
        return any((ordinal, weekday) in self.days for ordinal in ordinals)

    def _week_numbers(self, day: date) -> tuple[int, int]:
        """Return the day's week from the year's beginning and from its end; week 1 has 4 days in the year."""
        ordinal, start = day.toordinal(), self.rule.week_start
        week = (ordinal - 1 - start) // 7
        year = date.fromordinal(week * 7 + 4 + start).year  # the year that has the middle of the week
        first, following = ((date(each, 1, 4).toordinal() - 1 - start) // 7 for each in (year, year + 1))
        return week - first + 1, week - following


def _days_of_month(year: int, month: int) -> range:
    first = date(year, month, 1).toordinal()
    return range(first, first + monthrange(year, month)[1])


def _matches(allowed: frozenset[int] | None, *values: int) -> bool:
    return allowed is None or any(value in allowed for value in values)


def _word(parts: Mapping[str, list[object]], key: str) -> str:
    given = parts.get(key, [""])[0]
    return (given.decode() if isinstance(given, bytes) else str(given)).upper()


def _positive(parts: Mapping[str, list[object]], key: str) -> int | None:
    if key not in parts:
        return None
    number = int(str(parts[key][0]))
    if number < 1:
        raise ValueError(f"{key} is {number}, but must be at least 1")
    return number


def _numbers(key: str, values: list[object]) -> frozenset[int]:
    low, high, may_be_negative = _RANGES[key]
    numbers = frozenset(int(str(value)) for value in values)
    wrong = next(
        (n for n in numbers if not (low <= n <= high or (may_be_negative and low <= -n <= high))), None
    )
    if wrong is not None:
        raise ValueError(f"{key} cannot be {wrong}")
    return numbers


def _weekday(given: object) -> tuple[int, int]:
    """Read `MO`, `2TU` or `-1FR`. Raises ValueError."""
    text = str(given).upper()
    number, day = text[:-2], text[-2:]
    if day not in _WEEKDAYS or (number and not 1 <= abs(int(number)) <= 53):
        raise ValueError(f"BYDAY cannot be {text}")
    return int(number or 0), _WEEKDAYS.index(day)

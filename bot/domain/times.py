"""Times and durations as people type and read them: `2h`, `yesterday 14:00`, ISO 8601; "3 hours ago".

One parser behind flags, forms, schedules and app.yaml.
"""

import math
import re
from calendar import isleap
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.domain.errors import BadArgument
from bot.domain.phrases import format_count, quote_text
from bot.domain.time_words import LONGEST, WrittenDay, WrittenTime, find_zone, read_written

_UNITS = {
    1: ("s", "sec", "secs", "second", "seconds"),
    60: ("m", "min", "mins", "minute", "minutes"),
    3_600: ("h", "hr", "hrs", "hour", "hours"),
    86_400: ("d", "day", "days"),
    604_800: ("w", "week", "weeks"),
}
_SECONDS_PER_WORD = {word: seconds for seconds, words in _UNITS.items() for word in words}
_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?|half an?\b|an?\b)\s*(?P<unit>[a-z]+)\s*")
_LONGEST = timedelta(days=36_500)

SAID = re.compile(
    r"(?P<utc>(?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(?P<seconds>:[0-9]{2})?) UTC)"
    r"(?: \((?P<local>[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} [A-Z][A-Za-z0-9_+/-]{1,40})\))?"
)
"""A time as `in_both` writes it, or in UTC alone."""

# Each unit is used up to the given number of seconds: 119 minutes say less to people than 1 hour does,
# while "1 day" would hide whether it was 25 hours or 47.
_SPOKEN = (
    (3_600, 60, "minute"),
    (2 * 86_400, 3_600, "hour"),
    (60 * 86_400, 86_400, "day"),
    (730 * 86_400, 30 * 86_400, "month"),
)
_YEAR = 365 * 86_400


def parse_duration(text: str) -> timedelta:
    """Return `90s`, `15m`, `2h`, `1h30m`, `3 days`, `an hour`. Raises BadArgument for the rest, and zero."""
    found = _duration(text)
    if found is None:
        raise BadArgument(f"I can't read “{quote_text(text)}” as a duration.", "Try 15m, 2h, 3d or 1h30m.")
    return found


def parse_period(text: str, now: datetime, zone: str = "UTC") -> timedelta:
    """Return how far back a text reaches: a duration, or a time before `now`. Raises BadArgument."""
    length = _duration(text)
    if length is None:
        length = now - parse_time(text, now, zone)
    if length <= timedelta():
        raise _ahead_error(text)
    return length


def parse_time(text: str, now: datetime, zone: str = "UTC") -> datetime:
    """Return a time in UTC, in the past where several could be meant: `monday 9:00` is the last Monday.

    Reads ISO 8601, `20.11.2026 10:00`, `11/20/2026 10:00`, `Nov 20 10:00`, `yesterday 2pm`, `noon`, `3am`,
    `2h` or `2 hours ago` (before `now`), `now`. A day alone is its beginning. A time without an offset or a
    name such as Europe/Berlin behind it is one of `zone`. A full date may lie ahead.

    Raises BadArgument where two moments could be meant: a local time that the change of the clocks skips or
    repeats, 03/04/2026, and a time of day alone that is still ahead.
    """
    return _read(text, now, zone, ahead=False, through_day=False)


def parse_future_time(text: str, now: datetime, zone: str = "UTC", *, through_day: bool = False) -> datetime:
    """Return a time in UTC as `parse_time` does, but the next one where several could be meant: `2h` is in
    two hours, `monday 9:00` the coming Monday. With `through_day` a day alone means its end.

    The time is not always ahead: `2h ago` and `now` can be read as well. Raises BadArgument.
    """
    return _read(text, now, zone, ahead=True, through_day=through_day)


def _read(text: str, now: datetime, zone: str, *, ahead: bool, through_day: bool) -> datetime:
    words = " ".join(text.split())
    asked = _Asked(words, now, zone, ahead=ahead, through_day=through_day)
    try:
        at = _read_span(words.casefold(), now, ahead=ahead) or _read_twice(asked)
    except OverflowError:
        raise BadArgument(f"“{quote_text(words)}” is out of range.", "Give a year of this century.") from None
    if at is None:
        example = "2h (in two hours), “monday 9:00”" if ahead else "2h (two hours ago), “yesterday 14:00”"
        raise BadArgument(
            f"I can't read “{quote_text(words)}” as a time.", f"Try {example} or 2026-11-20 10:00."
        )
    return at


@dataclass(frozen=True, slots=True)
class _Asked:
    """The words of a time and what they are read by: `ahead` takes the next of several, else the last."""

    words: str
    now: datetime
    zone: str
    _: KW_ONLY
    ahead: bool
    through_day: bool


def _read_span(folded: str, now: datetime, *, ahead: bool) -> datetime | None:
    """Read `now`, `2h`, `2h ago`, `in 2h`, `2h from now`; None for the rest."""
    if folded == "now":
        return now
    length = _duration(folded.removesuffix(" ago").removeprefix("in ").removesuffix(" from now"))
    if length is None:
        return None
    is_ahead = folded.startswith("in ") or folded.endswith(" from now")
    is_back = folded.endswith(" ago")
    if is_ahead and (is_back or not ahead):
        raise _ahead_error(folded)
    return now - length if is_back or not ahead else now + length


def _ahead_error(words: str) -> BadArgument:
    return BadArgument(
        f"“{quote_text(words)}” is in the future.", "Give a time in the past, such as 2h for two hours ago."
    )


def _read_twice(asked: _Asked) -> datetime | None:
    """Read a time, perhaps with the same in brackets in another zone, as `in_both` says it."""
    first, bracket, second = asked.words.partition(" (")
    at = _find_moment(replace(asked, words=first))
    if not bracket or at is None:
        return at
    said = in_both(at, second.removesuffix(")").rpartition(" ")[2])
    return at if said.endswith(f" ({second}") else None


def _find_moment(asked: _Asked) -> datetime | None:
    """Return the moment that the words mean; None for words that are no time. Raises BadArgument."""
    written = read_written(asked.words)
    if written is None or isinstance(written, datetime):
        return written and written.astimezone(UTC)
    place = written.zone or _place(asked.zone)
    today = asked.now.astimezone(place).date()
    if written.day is None:
        return _find_clock(asked, written, place, today)
    if not asked.ahead and (written.day.away == 1 or written.day.which == "next"):
        raise _ahead_error(asked.words)
    for day in _list_days(written.day, today, ahead=asked.ahead):
        at = _moment_of(day, written.clock, place, through_day=asked.through_day)
        is_fixed = written.day.full is not None or written.day.away is not None or bool(written.day.which)
        if is_fixed or (at > asked.now if asked.ahead else at <= asked.now):
            return at
    return None


def _find_clock(asked: _Asked, written: WrittenTime, place: tzinfo, today: date) -> datetime:
    """Return the moment of a time of day alone: today, or in a future time the next one."""
    at = _moment_of(today, written.clock, place)
    if asked.ahead:
        return at if at > asked.now else _moment_of(today + timedelta(days=1), written.clock, place)
    if at <= asked.now:
        return at
    before = _moment_of(today - timedelta(days=1), written.clock, place)
    raise BadArgument(
        f"“{quote_text(asked.words)}” today is still ahead.",
        f"Write “yesterday {asked.words}” for {in_both(before, 'UTC')}, or “today {asked.words}” if you mean "
        "a time ahead.",
    )


def _list_days(day: WrittenDay, today: date, *, ahead: bool) -> Iterator[date]:
    """Yield the days that may be meant, the nearest first in the given direction."""
    if day.full is not None:
        yield day.full
    elif day.away is not None:
        yield today + timedelta(days=day.away)
    elif day.weekday is not None:
        onward = ahead if not day.which else day.which == "next"
        step = 7 if onward else -7
        distance = (day.weekday - today.weekday()) % step  # of the sign of the step
        if day.which and distance == 0:
            distance = step
        yield today + timedelta(days=distance)
        yield today + timedelta(days=distance + step)
    else:
        for away in range(-1, 9):
            year = today.year + (away if ahead else -away)
            if (day.month, day.day) != (2, 29) or isleap(year):
                yield date(year, day.month, day.day)


def _moment_of(day: date, clock: time | None, place: tzinfo, *, through_day: bool = False) -> datetime:
    """Return a moment in UTC; without a clock the beginning of the day, or its end.

    A day begins at the first moment that its clocks show, also where they skip or repeat midnight.
    """
    if clock is not None:
        return _local(datetime.combine(day, clock), place).astimezone(UTC)
    begins = day + timedelta(days=1) if through_day else day
    return datetime.combine(begins, time(), place).astimezone(UTC)


def whole_second(at: datetime) -> datetime:
    """Return the first whole second that is not before `at`: what begins at `at` has begun then."""
    return at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)


def is_time(text: str) -> bool:
    """Return whether it can be read as a time, past or future, at whatever hour."""
    noon = datetime(2000, 1, 1, 12, tzinfo=UTC)
    for read in (parse_time, parse_future_time):
        with suppress(BadArgument):
            read(text, noon)
            return True
    return False


def format_span(length: timedelta) -> str:
    """Return a duration in one unit, rounded down, without its sign: `25 minutes`, `47 hours`, `7 days`."""
    seconds = abs(int(length.total_seconds()))
    if seconds < 60:
        return "less than a minute"
    for below, unit, word in _SPOKEN:
        if seconds < below:
            return format_count(seconds // unit, word)
    return format_count(seconds // _YEAR, "year")


def format_full_span(length: timedelta) -> str:
    """Return a duration in two units, rounded up to the minute: `2 days 23 hours`.

    For data loss, which must never read smaller than it is.
    """
    minutes = max(1, math.ceil(abs(int(length.total_seconds())) / 60))
    hours = math.ceil(minutes / 60)
    parts = ((hours // 24, "day"), (hours % 24, "hour"))
    if minutes < 24 * 60:
        parts = ((minutes // 60, "hour"), (minutes % 60, "minute"))
    return " ".join(format_count(number, unit) for number, unit in parts if number)


def in_both(at: datetime, zone: str) -> str:
    """Return a time in UTC and in a zone: `2026-11-23 08:00:00 UTC (2026-11-23 09:00:00 Europe/Berlin)`.

    Only in UTC where that is the zone, or nobody knows it.
    """
    utc = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    place = None if zone == "UTC" else find_zone(zone)
    return f"{utc} ({at.astimezone(place):%Y-%m-%d %H:%M:%S} {zone})" if place else utc


def say_in_utc(text: str) -> str:
    """Return a text with every time that `in_both` wrote once, in UTC."""
    return SAID.sub(lambda found: found["utc"], text)


def say_locally(text: str) -> str:
    """Return a text with every time that `in_both` wrote once, in its zone where it has one."""
    return SAID.sub(lambda found: found["local"] or found["utc"], text)


def seen_in(at: datetime, zone: str) -> datetime:
    """Return the same time in a person's zone, so that it is shown in both; unchanged for an unknown zone."""
    return at.astimezone(find_zone(zone) or at.tzinfo)


def format_ago(at: datetime, now: datetime) -> str:
    """Return how long before `now` it was: `just now`, `3 hours ago`; or `in 2 days`."""
    if abs(now - at) < timedelta(minutes=1):
        return "just now"
    return f"{format_span(now - at)} ago" if at < now else f"in {format_span(at - now)}"


def _duration(text: str) -> timedelta | None:
    rest, total = text.strip().casefold(), 0.0
    if not rest or len(rest) > LONGEST:
        return None
    while rest:
        match = _AMOUNT.match(rest)
        if match is None or match["unit"] not in _SECONDS_PER_WORD:
            return None
        total += _number(match["number"]) * _SECONDS_PER_WORD[match["unit"]]
        rest = rest[match.end() :]
    return timedelta(seconds=total) if 0 < total <= _LONGEST.total_seconds() else None


def _number(word: str) -> float:
    return 0.5 if word.startswith("half") else 1.0 if word.startswith("a") else float(word)


def _place(zone: str) -> ZoneInfo:
    found = find_zone(zone)
    if found is None:
        whose = f"The time zone {quote_text(zone)}" if zone else "Your time zone"
        raise BadArgument(f"{whose} is not known here.", "Add Z or an offset such as +01:00 to the time.")
    return found


def _local(at: datetime, place: tzinfo) -> datetime:
    """Return a local time with its zone. Raises BadArgument for one that is skipped or repeated there."""
    first, second = (at.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    # The offsets around a change differ for both folds; only a repeated hour gets larger ones first.
    if (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta()):
        raise BadArgument(
            f"{at:%Y-%m-%d %H:%M} happens twice in {place}: the clocks go back.",
            f"Write {first.isoformat(' ', 'minutes')} or {second.isoformat(' ', 'minutes')}.",
        )
    after = at + (second.utcoffset() or timedelta()) - (first.utcoffset() or timedelta())
    raise BadArgument(
        f"{at:%Y-%m-%d %H:%M} does not exist in {place}: the clocks go forward.",
        f"Write {after:%Y-%m-%d %H:%M}, or an earlier time.",
    )

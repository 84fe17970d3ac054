"""Times and durations as people type and read them: `2h`, `yesterday 14:00`, ISO 8601; "3 hours ago".

One parser behind flags, forms, schedules and app.yaml.
"""

import math
import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.errors import BadArgument
from bot.domain.phrases import format_count, quote_text

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
}
_SECONDS_PER_WORD = {word: _SECONDS[unit] for unit, words in _UNITS.items() for word in words}
_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?|half an?\b|an?\b)\s*(?P<unit>[a-z]+)\s*")
_WALL_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?\s*(?P<half>am|pm)?"
)
_NAMED_CLOCKS = {"noon": time(12), "midnight": time(0)}
_TIME_OF_DAY = re.compile(
    r"(?:(?P<day>today|yesterday|tomorrow) (?:at )?)?"
    r"(?P<clock>noon|midnight|[0-9]{1,2}(?::[0-9]{2}){1,2}(?: ?[ap]m)?|[0-9]{1,2} ?[ap]m)"
    r"(?P<offset>z|[+-][0-9]{2}:[0-9]{2})?"
)
_PLACED = re.compile(
    r"(?P<time>(?:(?:today|yesterday|tomorrow) (?:at )?|[0-9]{4}-[0-9]{2}-[0-9]{2}[ t])?"
    r"[0-9]{1,2}(?::[0-9]{2}){1,2})"
    r" (?P<zone>utc|\w+(?:/[\w+-]+)+)(?: \((?P<same>.*)\))?",
    re.ASCII | re.IGNORECASE,
)
"""A time that `in_both` made, whole or one of its two."""

_DAYS_AWAY = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = timedelta(days=36_500)

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


def parse_clock(text: str) -> time | None:
    """Return a time of day: `9`, `9:30`, `9.30`, `14:00:30`, `9am`, `noon`; None for the rest."""
    words = text.strip().casefold()
    match = _WALL_CLOCK.fullmatch(words)
    if match is None:
        return _NAMED_CLOCKS.get(words)
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def parse_time(text: str, now: datetime, zone: str = "UTC") -> datetime:
    """Return a time in UTC: ISO 8601, a duration before `now` (`2h`, `2 hours ago`), `14:00` or
    `yesterday 14:00`, `now`, or as `in_both` says one.

    A time without an offset is one of `zone`, a name such as Europe/Berlin. Raises BadArgument, also where
    nobody can tell what was meant: a local time that the change of the clocks skips or repeats, and a time
    of day alone that is still ahead.
    """
    words = " ".join(text.split())
    back = _duration(words)
    return now - back if back is not None else _read(words, now, zone, ahead=False)


def parse_future_time(text: str, now: datetime, zone: str = "UTC", *, through_day: bool = False) -> datetime:
    """Return a time in UTC as `parse_time` does, but a duration is one from `now` on, `14:00` the next one,
    and there is `tomorrow 9:00`. With `through_day` a date means its end.

    The time is not always ahead: `2h ago` and `now` can be read as well. Raises BadArgument.
    """
    words = " ".join(text.split())
    length = _duration(words.casefold().removeprefix("in "))
    if length is not None:
        return (now + length).astimezone(UTC)
    at = _read(words, now, zone, ahead=True)
    if through_day and _DATE.fullmatch(words):
        return _in_utc(datetime.combine(date.fromisoformat(words) + timedelta(days=1), time()), zone)
    return at


def _read(words: str, now: datetime, zone: str, *, ahead: bool) -> datetime:
    """Read a time that is not a bare duration. Raises BadArgument."""
    folded = words.casefold()
    if folded == "now":
        return now
    back = _duration(folded.removesuffix(" ago"))
    if back is not None:
        return now - back
    placed = _PLACED.fullmatch(words)
    try:
        if placed:
            at = _placed(placed, now, ahead=ahead)
        else:
            at = _of_day(folded, now, zone, ahead=ahead) or _written(folded, zone)
    except OverflowError:
        raise BadArgument(f"“{quote_text(words)}” is out of range.", "Give a year of this century.") from None
    if at is None:
        raise BadArgument(
            f"I can't read “{quote_text(words)}” as a time.",
            "Try 2h, “yesterday 14:00” or 2026-11-20T10:00Z.",
        )
    return at


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
    place = None if zone == "UTC" else _known(zone)
    return f"{utc} ({at.astimezone(place):%Y-%m-%d %H:%M:%S} {zone})" if place else utc


def seen_in(at: datetime, zone: str) -> datetime:
    """Return the same time in a person's zone, so that it is shown in both; unchanged for an unknown zone."""
    return at.astimezone(_known(zone) or at.tzinfo)


def format_ago(at: datetime, now: datetime) -> str:
    """Return how long before `now` it was: `just now`, `3 hours ago`; or `in 2 days`."""
    if abs(now - at) < timedelta(minutes=1):
        return "just now"
    return f"{format_span(now - at)} ago" if at < now else f"in {format_span(at - now)}"


def _duration(text: str) -> timedelta | None:
    rest, total = text.strip().casefold(), 0.0
    if not rest:
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


def _placed(found: re.Match[str], now: datetime, *, ahead: bool) -> datetime | None:
    """Read a time with the name of its zone behind it, and then perhaps the same time in another zone."""
    folded, zone = found["time"].casefold(), found["zone"]
    if zone.casefold() == "utc":
        at = _of_day(f"{folded}z", now, "UTC", ahead=ahead) or _written(f"{folded}z", "UTC")
    else:
        at = _written(folded, zone)
    if at is None or found["same"] is None:
        return at
    said = in_both(at, found["same"].rpartition(" ")[2])
    return at if said.endswith(f"({found['same']})") else None


def _of_day(words: str, now: datetime, zone: str, *, ahead: bool) -> datetime | None:
    """Read `14:00`, `2pm`, `today 9:30`, `yesterday at 14:00`, also with an offset; else None.

    `tomorrow` is for times to come only: a past time that is typed so is a slip.
    """
    match = _TIME_OF_DAY.fullmatch(words)
    clock = _clock_with_offset(match) if match else None
    if match is None or clock is None or (match["day"] == "tomorrow" and not ahead):
        return None
    today = datetime.combine(now.astimezone(clock.tzinfo or _place(zone)).date(), clock)
    at = _in_utc(today + timedelta(days=_DAYS_AWAY.get(match["day"], 0)), zone)
    if match["day"] or (at > now if ahead else at <= now):
        return at
    if ahead:
        return _in_utc(today + timedelta(days=1), zone)
    raise BadArgument(
        f"{words.upper()} of today is still ahead.",
        f"Say “yesterday {words.upper()}” for {in_both(_in_utc(today - timedelta(days=1), zone), zone)}, "
        f"or “today {words.upper()}” where a time ahead is meant.",
    )


def _clock_with_offset(match: re.Match[str]) -> time | None:
    clock = parse_clock(match["clock"])
    try:
        return clock and time.fromisoformat(f"{clock.isoformat()}{(match['offset'] or '').upper()}")
    except ValueError:
        return None


def _written(words: str, zone: str) -> datetime | None:
    """Read ISO 8601; None for the rest."""
    try:
        return _in_utc(datetime.fromisoformat(words.upper()), zone)
    except ValueError:
        return None


def _in_utc(at: datetime, zone: str) -> datetime:
    return (at if at.tzinfo else _local(at, zone)).astimezone(UTC)


def _place(zone: str) -> ZoneInfo:
    found = _known(zone)
    if found is None:
        whose = f"The time zone {quote_text(zone)}" if zone else "Your time zone"
        raise BadArgument(f"{whose} is not known here.", "Add Z or an offset such as +01:00 to the time.")
    return found


def _known(zone: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return None


def _local(at: datetime, zone: str) -> datetime:
    place = _place(zone)
    first, second = (at.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        # The offsets around a change differ for both folds; only a repeated hour gets larger ones first.
        repeated = (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())
        happens = "happens twice" if repeated else "does not exist"
        raise BadArgument(
            f"{at:%Y-%m-%d %H:%M} {happens} in {zone}: the clocks change.",
            "Add Z or an offset such as +01:00 to the time.",
        )
    return first

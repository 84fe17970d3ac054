"""Times and durations as people type and say them: `2h`, `2 hours ago`, ISO 8601; "3 hours ago"."""

import math
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import BadArgument
from bot.wording import counted, shown

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
}
_SECONDS_PER_WORD = {word: _SECONDS[unit] for unit, words in _UNITS.items() for word in words}
_AMOUNT = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?|an?\b)\s*(?P<unit>[a-z]+)\s*")
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


def duration(text: str) -> timedelta:
    """`90s`, `15m`, `2h`, `1h30m`, `3 days`, `an hour`. Raises BadArgument for the rest, and zero."""
    found = _duration(text)
    if found is None:
        raise BadArgument(f"“{shown(text)}” is no duration.", "Say it like 15m, 2h, 3d or 1h30m.")
    return found


def moment(text: str, now: datetime, zone: str = "UTC") -> datetime:
    """A time in UTC: ISO 8601, or a duration before `now` (`2h`, `2 hours ago`), or `now`.

    A time without an offset is one of `zone`, a name such as Europe/Berlin. Raises BadArgument, also for a
    local time that the change of the clocks skips or repeats: nobody can tell which was meant.
    """
    words = " ".join(text.split()).casefold()
    if words == "now":
        return now
    back = _duration(words.removesuffix(" ago"))
    if back is not None:
        return now - back
    try:
        at = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        raise BadArgument(
            f"“{shown(text)}” is no time.", "Say it like 2h, “3 days ago” or 2026-11-20T10:00Z."
        ) from None
    try:
        return (at if at.tzinfo else _local(at, zone)).astimezone(UTC)
    except OverflowError:
        raise BadArgument(f"“{shown(text)}” is out of range.", "Give a year of this century.") from None


def is_time(text: str) -> bool:
    """Whether `moment` understands it."""
    try:
        moment(text, datetime.max.replace(tzinfo=UTC))
    except BadArgument:
        return False
    return True


def span(length: timedelta) -> str:
    """A duration in one unit, rounded down: `25 minutes`, `47 hours`, `7 days`. Its sign is not said."""
    seconds = abs(int(length.total_seconds()))
    if seconds < 60:
        return "less than a minute"
    for below, unit, word in _SPOKEN:
        if seconds < below:
            return counted(seconds // unit, word)
    return counted(seconds // _YEAR, "year")


def full_span(length: timedelta) -> str:
    """A duration in two units, rounded up to the minute: `2 days 23 hours`. For what gets lost, which must
    never read smaller than it is."""
    minutes = max(1, math.ceil(abs(int(length.total_seconds())) / 60))
    hours = math.ceil(minutes / 60)
    parts = ((hours // 24, "day"), (hours % 24, "hour"))
    if minutes < 24 * 60:
        parts = ((minutes // 60, "hour"), (minutes % 60, "minute"))
    return " ".join(counted(number, unit) for number, unit in parts if number)


def in_both(at: datetime, zone: str) -> str:
    """A time in UTC and in a person's zone: `2026-11-23 08:00:00 UTC (2026-11-23 09:00:00 Europe/Berlin)`.

    Only in UTC where that is the zone, or nobody knows it.
    """
    utc = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    place = None if zone == "UTC" else _place(zone)
    return f"{utc} ({at.astimezone(place):%Y-%m-%d %H:%M:%S} {zone})" if place else utc


def seen_in(at: datetime, zone: str) -> datetime:
    """The same time in a person's zone, so that it is shown in both; as it is where nobody knows the zone."""
    return at.astimezone(_place(zone) or at.tzinfo)


def ago(at: datetime, now: datetime) -> str:
    """How long before `now` it was, in words: `just now`, `3 hours ago`; or `in 2 days`."""
    if abs(now - at) < timedelta(minutes=1):
        return "just now"
    return f"{span(now - at)} ago" if at < now else f"in {span(at - now)}"


def _duration(text: str) -> timedelta | None:
    rest, total = text.strip().casefold(), 0.0
    if not rest:
        return None
    while rest:
        match = _AMOUNT.match(rest)
        if match is None or match["unit"] not in _SECONDS_PER_WORD:
            return None
        number = 1.0 if match["number"].startswith("a") else float(match["number"])
        total += number * _SECONDS_PER_WORD[match["unit"]]
        rest = rest[match.end() :]
    return timedelta(seconds=total) if 0 < total <= _LONGEST.total_seconds() else None


def _place(zone: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return None


def _local(at: datetime, zone: str) -> datetime:
    place = _place(zone)
    if place is None:
        whose = f"The time zone {shown(zone)}" if zone else "Your time zone"
        raise BadArgument(f"{whose} is not known here.", "Add Z or an offset such as +01:00 to the time.")
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

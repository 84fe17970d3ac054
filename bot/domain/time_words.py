"""Times as people write them, taken apart into day, clock and zone; `bot.domain.times` finds the moment.

Each word is read once by small patterns, and the text is bounded: no text takes long.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from bot.domain.errors import BadArgument
from bot.domain.phrases import quote_text

LONGEST = 100
"""Characters of a time. The longest that the bot writes has 79."""

_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?\s*(?P<half>am|pm)?"
)
_NAMED_CLOCKS = {"noon": time(12), "midday": time(12), "midnight": time(0)}
_ISO_DATE = re.compile(r"[0-9]{4}([-/])[0-9]{1,2}\1[0-9]{1,2}")
_DOTTED_DATE = re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4}|[0-9]{2})?")
_SLASHED_DATE = re.compile(r"(?P<first>[0-9]{1,2})/(?P<second>[0-9]{1,2})/(?P<year>[0-9]{4}|[0-9]{2})")
_ORDINAL = re.compile(r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?")
_ZONED = re.compile(r"(?P<clock>[^z+\-]+)(?P<zone>z|utc|gmt|[+-][0-9]{2}(?::?[0-9]{2})?)")
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?")

_AWAY = {"yesterday": -1, "today": 0, "tomorrow": 1}
_FILLERS = frozenset({"on", "the", "of", "o'clock"})
_HALVES = {"a.m.": "am", "p.m.": "pm", "a.m": "am", "p.m": "pm"}
_SPELLED = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april may june july august september october november december",
)
_WEEKDAYS, _MONTHS = (
    {word: at for at, name in enumerate(names.split()) for word in (name, name[:3])} for names in _SPELLED
)
_WEEKDAYS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
_MONTHS |= {"sept": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDay:
    """A day: a date, one so many days away, a weekday (Monday is 0), or a day of a month without its year.

    `which` is `last` or `next` before a weekday, else empty.
    """

    full: date | None = None
    away: int | None = None
    weekday: int | None = None
    which: str = ""
    month: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTime:
    """A day, a clock and a zone; each None where it was left out, but never both day and clock."""

    day: WrittenDay | None
    clock: time | None
    zone: tzinfo | None


def parse_clock(text: str) -> time | None:
    """Return a time of day: `9`, `9:30`, `9.30`, `14:00:30`, `9am`, `noon`; None for the rest."""
    words = text.strip().casefold()
    match = _CLOCK.fullmatch(words)
    if match is None:
        return _NAMED_CLOCKS.get(words)
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] == "pm" else 0)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def find_zone(name: str) -> ZoneInfo | None:
    """Return the zone of a name such as Europe/Berlin, in any case; None for an unknown one."""
    for spelled in (name, name.title()):
        try:
            return ZoneInfo(spelled)
        except (KeyError, ValueError, OSError):
            continue
    return None


def read_written(text: str) -> WrittenTime | datetime | None:
    """Return the parts of a time, or the time itself where ISO 8601 says it whole; None for anything else.

    Raises BadArgument for what can be read in two ways, and names both.
    """
    if len(text) > LONGEST:
        return None
    try:
        whole = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return _Reader(text.replace(",", " ").split()).read()
    clock = whole.time() if any(each in text.upper() for each in "T: ") else None
    return whole if whole.tzinfo else WrittenTime(day=WrittenDay(full=whole.date()), clock=clock, zone=None)


class _Reader:
    """Reads words from left to right; what is read twice, or not at all, makes the whole unreadable."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._folded = [_HALVES.get(word.casefold(), word.casefold()) for word in words]
        self._at = 0
        self._day: WrittenDay | None = None
        self._clock: time | None = None
        self._zone: tzinfo | None = None

    def read(self) -> WrittenTime | None:
        """Return the parts; None where a word is not one of a time. Raises BadArgument."""
        while self._at < len(self._folded):
            if self._folded[self._at] in _FILLERS:
                self._at += 1
            elif not (self._read_clock() or self._read_day() or self._read_zone()):
                self._refuse_unknown_zone()
                return None
        if self._day is None and self._clock is None:
            return None
        return WrittenTime(day=self._day, clock=self._clock, zone=self._zone)

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._folded[at] if at < len(self._folded) else ""

    def _read_clock(self) -> bool:
        if self._clock is not None:
            return False
        skipped = 1 if self._peek() == "at" else 0
        word, taken = self._peek(skipped), skipped + 1
        if self._peek(taken) in {"am", "pm"}:
            word, taken = word + self._peek(taken), taken + 1
        zoned = _ZONED.fullmatch(word)
        clock = parse_clock(zoned["clock"] if zoned else word)
        # A bare number is a clock only where “at” says so, and 9.30 only beside a day.
        is_bare = word.isdecimal() or ("." in word and self._day is None)
        if clock is None or (is_bare and not (skipped or word.endswith("m"))):
            return False
        zone = _read_offset(zoned["zone"]) if zoned else None
        if zoned and (zone is None or self._zone is not None):
            return False
        self._clock, self._zone, self._at = clock, zone or self._zone, self._at + taken
        return True

    def _read_day(self) -> bool:
        if self._day is not None:
            return False
        found = self._find_named_day() or self._find_month_day() or self._find_date()
        if found is None:
            return False
        self._day, taken = found
        self._at += taken
        return True

    def _find_named_day(self) -> tuple[WrittenDay, int] | None:
        word = self._peek()
        if word in _AWAY:
            return WrittenDay(away=_AWAY[word]), 1
        which = word if word in {"last", "next", "this"} else ""
        weekday = _WEEKDAYS.get(self._peek(1) if which else word)
        if weekday is None:
            return None
        return WrittenDay(weekday=weekday, which=which.replace("this", "")), 2 if which else 1

    def _find_month_day(self) -> tuple[WrittenDay, int] | None:
        """Read `20 Nov`, `20th of November`, `Nov 20`, each also with its year behind."""
        gap = 2 if self._peek(1) == "of" else 1
        for day_at, month_at in ((0, gap), (1, 0)):
            number, month = _ORDINAL.fullmatch(self._peek(day_at)), _MONTHS.get(self._peek(month_at))
            if number is None or month is None:
                continue
            taken = max(day_at, month_at) + 1
            year = self._peek(taken)
            has_year = len(year) == 4 and year.isdecimal()
            day = _make_day(int(year) if has_year else None, month + 1, int(number["day"]))
            return (day, taken + has_year) if day else None
        return None

    def _find_date(self) -> tuple[WrittenDay, int] | None:
        word = self._peek()
        day: WrittenDay | None = None
        if _ISO_DATE.fullmatch(word):
            year, month, of_month = (int(part) for part in word.replace("/", "-").split("-"))
            day = _make_day(year, month, of_month)
        elif dotted := _DOTTED_DATE.fullmatch(word):
            _refuse_short_year(word, dotted["year"])
            year_given = int(dotted["year"]) if dotted["year"] else None
            day = _make_day(year_given, int(dotted["month"]), int(dotted["day"]))
        elif slashed := _SLASHED_DATE.fullmatch(word):
            _refuse_short_year(word, slashed["year"])
            day = _read_slashed(word, int(slashed["first"]), int(slashed["second"]), int(slashed["year"]))
        return (day, 1) if day else None

    def _read_zone(self) -> bool:
        word = self._words[self._at]
        zone = _read_offset(word.casefold()) or (find_zone(word) if "/" in word else None)
        if self._zone is not None or zone is None:
            return False
        self._zone, self._at = zone, self._at + 1
        return True

    def _refuse_unknown_zone(self) -> None:
        word = self._words[self._at]
        is_missing = self._clock is not None and self._zone is None
        if is_missing and 3 <= len(word) <= 5 and word.isascii() and word.isupper():
            raise BadArgument(
                f"I don't know the time zone “{quote_text(word)}”.",
                "Write Z, an offset such as +01:00, or a name such as Europe/Berlin.",
            )


def _read_offset(word: str) -> tzinfo | None:
    if word in {"z", "utc", "gmt"}:
        return UTC
    match = _OFFSET.fullmatch(word)
    if match is None:
        return None
    hours, minutes = int(match["hours"]), int(match["minutes"] or 0)
    if hours > 14 or minutes > 59:
        return None
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if match["sign"] == "-" else length)


def _make_day(year: int | None, month: int, day: int) -> WrittenDay | None:
    try:
        found = date(2024 if year is None else year, month, day)  # 2024 has a 29 February
    except ValueError:
        return None
    return WrittenDay(month=month, day=day) if year is None else WrittenDay(full=found)


def _read_slashed(word: str, first: int, second: int, year: int) -> WrittenDay | None:
    american, british = _make_day(year, first, second), _make_day(year, second, first)
    if american and british and american != british:
        raise BadArgument(
            f"“{quote_text(word)}” can be {_spell(british)} or {_spell(american)}.",
            f"Write {british.full} or {american.full}.",
        )
    return american or british


def _spell(day: WrittenDay) -> str:
    return f"{day.full:%-d %B %Y}"


def _refuse_short_year(word: str, year: str | None) -> None:
    if year is not None and len(year) == 2:
        raise BadArgument(
            f"The year in “{quote_text(word)}” has two digits.", f"Write all four: {word[:-2]}20{year}."
        )

"""Opening times of weekly maintenance windows."""

from datetime import UTC, datetime, time, timedelta

from bot.domain.cluster import MaintenanceWindow
from bot.domain.time_words import parse_clock

LENGTH = timedelta(hours=4)
"""Length of a window on both APIs (ionos-api-notes, section 10)."""

_WEEK = timedelta(days=7)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def typed_window(day: str | None, time: str | None) -> MaintenanceWindow:
    """Return a window as both APIs write it: `sunday` and `3:30` are Sunday and 03:30:00."""
    clock = parse_clock(time or "")
    return MaintenanceWindow(
        day=day and day.strip().capitalize(), time=f"{clock:%H:%M:%S}" if clock else time
    )


def find_opening(window: MaintenanceWindow | None, now: datetime) -> datetime | None:
    """Return the start, UTC, of the window that is open at `now`, else of the next one.

    Return None without a window, or where its day or time cannot be read.
    """
    start = _parse_time(window.time) if window else None
    day = (window.day or "").strip().casefold() if window else ""
    if start is None or day not in _DAYS:
        return None
    since = (now.weekday() - _DAYS.index(day)) % 7
    last = datetime.combine(now.date() - timedelta(days=since), start, UTC)
    if last > now:
        last -= _WEEK
    return last if now < last + LENGTH else last + _WEEK


def is_open(start: datetime, now: datetime) -> bool:
    return start <= now < start + LENGTH


def _parse_time(text: str | None) -> time | None:
    try:
        read = time.fromisoformat((text or "").strip().upper())
    except ValueError:
        return None
    return read.replace(tzinfo=None) if not read.utcoffset() else None

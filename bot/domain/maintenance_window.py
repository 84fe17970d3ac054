"""When a weekly maintenance window is open next."""

from datetime import UTC, datetime, time, timedelta

from bot.domain.cluster import MaintenanceWindow

LENGTH = timedelta(hours=4)
"""For how long a window is open, both APIs (ionos-api-notes, section 10)."""

_WEEK = timedelta(days=7)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def opening(window: MaintenanceWindow | None, now: datetime) -> datetime | None:
    """The start, in UTC, of the window that is open at `now`, else of the next one.

    None when there is no window or its day or time cannot be read.
    """
    start = _time(window.time) if window else None
    day = (window.day or "").strip().casefold() if window else ""
    if start is None or day not in _DAYS:
        return None
    since = (now.weekday() - _DAYS.index(day)) % 7
    last = datetime.combine(now.date() - timedelta(days=since), start, UTC)
    if last > now:
        last -= _WEEK
    return last if now < last + LENGTH else last + _WEEK


def is_open(start: datetime, now: datetime) -> bool:
    """Whether the window that starts then is open at `now`."""
    return start <= now < start + LENGTH


def _time(text: str | None) -> time | None:
    try:
        read = time.fromisoformat((text or "").strip().upper())
    except ValueError:
        return None
    return read.replace(tzinfo=None) if not read.utcoffset() else None

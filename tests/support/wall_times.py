"""Moments of wall-clock times, from the spans between changes of the clocks; knows no cron."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Lisbon",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Asia/Kolkata",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Casablanca",
)
STEP, DAY = timedelta(minutes=15), timedelta(days=1)


def spans(zone, start, end):
    """Yield begin, end and offset from UTC of each span without a change; sampled every quarter of an
    hour."""
    place, found = ZoneInfo(zone), []
    begin = at = start
    offset = start.astimezone(place).utcoffset()
    while at < end:
        at += STEP
        now = at.astimezone(place).utcoffset()
        if now != offset:
            found.append((begin, at, offset))
            begin, offset = at, now
    return [*found, (begin, end, offset)]


def wall(at, offset):
    """Return what the clock on the wall shows."""
    return (at + offset).replace(tzinfo=None)


def days(begin, end, offset):
    """Return the dates on the wall clock from begin to end."""
    first = wall(begin, offset).date()
    return [first + number * DAY for number in range((wall(end, offset).date() - first).days + 1)]


def daily_moments(at, weekdays, zone, start, end):
    """Return, on these days of the week (Monday is 0), the first moment at which the clock shows that time
    or, where it skips it, more."""
    found = {}
    for begin, until, offset in spans(zone, start - 2 * DAY, end):
        for day in days(begin, until, offset):
            moment = datetime.combine(day, at, UTC) - offset
            if begin <= moment < until:
                found.setdefault(day, moment)
            elif moment < begin:
                found.setdefault(day, begin)  # the clock went past it when it was changed
    return [
        moment for day, moment in sorted(found.items()) if day.weekday() in weekdays and start < moment <= end
    ]


def shown_moments(times, weekdays, zone, start, end):
    """Return every moment at which the clock shows one of these times on these days of the week."""
    return [
        moment
        for begin, until, offset in spans(zone, start - 2 * DAY, end)
        for day in days(begin, until, offset)
        for at in times
        if day.weekday() in weekdays
        and begin <= (moment := datetime.combine(day, at, UTC) - offset) < until
        and start < moment <= end
    ]

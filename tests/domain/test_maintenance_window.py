"""The next opening of a maintenance window."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.cluster import MaintenanceWindow
from bot.domain.maintenance_window import find_opening, is_open

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def make_window(day, time):
    return MaintenanceWindow(day=day, time=time)


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ("Monday", "10:00:00", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("Monday", "09:00:00", datetime(2026, 11, 23, 9, tzinfo=UTC)),
        ("Monday", "05:00:01", datetime(2026, 11, 23, 5, 0, 1, tzinfo=UTC)),
        ("Monday", "05:00:00", datetime(2026, 11, 30, 5, tzinfo=UTC)),
        ("Tuesday", "00:15:00", datetime(2026, 11, 24, 0, 15, tzinfo=UTC)),
        ("Sunday", "23:45:00", datetime(2026, 11, 29, 23, 45, tzinfo=UTC)),
        ("sunday", "23:45", datetime(2026, 11, 29, 23, 45, tzinfo=UTC)),
        ("Monday", "10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
    ],
)
def test_the_open_window_or_else_the_next_one(day, time, expected):
    assert find_opening(make_window(day, time), MONDAY) == expected


def test_a_window_over_midnight_is_open_on_the_next_day():
    early = MONDAY.replace(hour=1)
    start = find_opening(make_window("Sunday", "22:00:00"), early)

    assert start == datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert is_open(start, early)


def test_a_window_is_open_for_four_hours():
    assert is_open(MONDAY, MONDAY)
    assert is_open(MONDAY, MONDAY + timedelta(hours=4) - timedelta(seconds=1))
    assert not is_open(MONDAY, MONDAY + timedelta(hours=4))
    assert not is_open(MONDAY, MONDAY - timedelta(seconds=1))


@pytest.mark.parametrize(
    "unreadable",
    [
        None,
        make_window(None, "10:00:00"),
        make_window("Monday", None),
        make_window("Someday", "10:00:00"),
        make_window("Monday", "59459"),
        make_window("Monday", "10:00:00+02:00"),
    ],
)
def test_what_cannot_be_read_is_no_window(unreadable):
    assert find_opening(unreadable, MONDAY) is None

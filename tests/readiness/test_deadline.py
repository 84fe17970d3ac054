"""The deadline: the days left, what the pace means for it, and ever more reminders."""

from datetime import date, timedelta

import pytest

from migrations.burn_down import (
    PENDING,
    READY_FOR_V2,
    Forecast,
    compare_with_deadline,
    describe_deadline,
    reminder_period,
)

DEADLINE = date(2027, 3, 31)


@pytest.mark.parametrize(
    ("before", "words"),
    [(2, "in 2 days."), (1, "in 1 day."), (0, "today."), (-1, "over: it passed 1 day ago.")],
)
def test_the_countdown(before, words):
    said = describe_deadline(DEADLINE, DEADLINE - timedelta(days=before))

    assert said == f"The deadline of the migration, 2027-03-31, is {words}"


def test_reminders_come_monthly_then_weekly_then_daily_and_never_less_often_again():
    periods = [reminder_period(DEADLINE, DEADLINE - timedelta(days=before)) for before in range(400, -30, -1)]

    assert [each.days for each in dict.fromkeys(periods)] == [30, 7, 1]
    assert periods == sorted(periods, reverse=True)
    assert reminder_period(DEADLINE, DEADLINE - timedelta(days=90)).days == 7
    assert reminder_period(DEADLINE, DEADLINE - timedelta(days=30)).days == 1


def test_the_forecast_is_held_against_the_deadline():
    today = DEADLINE - timedelta(days=10)
    slow = Forecast(None, "", left=30, pace=1.0, since=today)
    expected = [
        (PENDING, slow),
        (PENDING, Forecast(None, "", left=1, pace=0.0, since=today)),
        (READY_FOR_V2, Forecast(None, "")),
        (READY_FOR_V2, Forecast(None, "", pace=0.0)),
    ]

    assert compare_with_deadline(expected, DEADLINE, today) == [
        "At this pace, 20 pending clusters will be left on 2027-03-31.",
        "At this pace, 1 pending cluster will be left on 2027-03-31.",
        "No forecast yet for clusters not ready for v2 on 2027-03-31.",
        "At this pace, no clusters not ready for v2 will be left on 2027-03-31.",
    ]
    assert compare_with_deadline(expected, DEADLINE, DEADLINE + timedelta(days=1)) == []

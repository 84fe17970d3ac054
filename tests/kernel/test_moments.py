"""Durations and times as people type them, and ages as people say them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import BadArgument
from bot.moments import ago, duration, full_span, moment, span

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("1w", timedelta(days=7)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5h", timedelta(minutes=90)),
        (" 2 Hours ", timedelta(hours=2)),
        ("an hour", timedelta(hours=1)),
        ("a day", timedelta(days=1)),
        ("3 days 4 hours", timedelta(days=3, hours=4)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text, expected):
    assert duration(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "h", "2", "0m", "-2h", "2 fortnights", "2h ago", "2026-11-20", "9" * 30 + "d", "2hours3", "٣h"],
)
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(BadArgument) as caught:
        duration(text)

    assert "15m" in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("2h", NOW - timedelta(hours=2)),
        ("2 hours ago", NOW - timedelta(hours=2)),
        ("An Hour Ago", NOW - timedelta(hours=1)),
        ("2026-11-20T10:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20t10:00z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00+01:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20 10:00:30.5Z", datetime(2026, 11, 20, 10, 0, 30, 500_000, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_duration_ago_or_a_time(text, expected):
    assert moment(text, NOW) == expected
    assert moment(text, NOW).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T10:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-07-20 10:00", datetime(2026, 7, 20, 8, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 19, 23, tzinfo=UTC)),
        ("2026-11-20T10:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2h", NOW - timedelta(hours=2)),
    ],
)
def test_a_time_without_an_offset_is_one_of_the_zone(text, expected):
    assert moment(text, NOW, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("text", "how"), [("2026-10-25T02:30", "happens twice"), ("2026-03-29T02:30", "does not exist")]
)
def test_a_local_time_that_the_clocks_repeat_or_skip_is_refused(text, how):
    with pytest.raises(BadArgument, match=f"{how} in Europe/Berlin"):
        moment(text, NOW, "Europe/Berlin")

    assert moment(f"{text}+01:00", NOW, "Europe/Berlin").minute == 30


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_matters_only_where_it_is_needed(zone):
    with pytest.raises(BadArgument, match="not known here"):
        moment("2026-11-20T10:00", NOW, zone)

    assert moment("2h", NOW, zone) == NOW - timedelta(hours=2)


@pytest.mark.parametrize(
    "text", ["tomorrow", "", "10:00", "2026-13-01", "in 2 hours", "0001-01-01T00:00+14:00"]
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(BadArgument):
        moment(text, NOW)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=7), "7 days"),
        (timedelta(days=60), "2 months"),
        (timedelta(days=731), "2 years"),
        (timedelta(hours=-3), "3 hours"),
    ],
)
def test_a_span_is_said_in_one_unit_rounded_down(length, words):
    assert span(length) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(), "1 minute"),
        (timedelta(seconds=61), "2 minutes"),
        (timedelta(hours=2, milliseconds=400), "2 hours"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=2, seconds=1), "2 hours 1 minute"),
        (timedelta(hours=23, minutes=59, seconds=1), "1 day"),
        (timedelta(days=2, hours=22, minutes=1), "2 days 23 hours"),
        (timedelta(days=7), "7 days"),
    ],
)
def test_what_is_lost_never_reads_smaller_than_it_is(length, words):
    assert full_span(length) == words


def test_an_age_says_before_or_ahead():
    assert ago(NOW - timedelta(hours=3), NOW) == "3 hours ago"
    assert ago(NOW + timedelta(days=2), NOW) == "in 2 days"
    assert ago(NOW - timedelta(seconds=20), NOW) == ago(NOW, NOW) == "just now"

"""Durations and times as people type them, and ages as people say them."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.errors import BadArgument
from bot.domain.time_words import parse_clock
from bot.domain.times import (
    format_ago,
    format_full_span,
    format_span,
    in_both,
    is_time,
    parse_duration,
    parse_future_time,
    parse_time,
    whole_second,
)

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
        ("half an hour", timedelta(minutes=30)),
        ("half a day", timedelta(hours=12)),
        ("3 days 4 hours", timedelta(days=3, hours=4)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text, expected):
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "2",
        "0m",
        "-2h",
        "2 fortnights",
        "2h ago",
        "2026-11-20",
        "9" * 30 + "d",
        "2hours3",
        "٣h",
        "half 2h",
        "halfan hour",
    ],
)
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(BadArgument) as caught:
        parse_duration(text)

    assert "15m" in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("2h", NOW - timedelta(hours=2)),
        ("2 hours ago", NOW - timedelta(hours=2)),
        ("An Hour Ago", NOW - timedelta(hours=1)),
        ("half an hour ago", NOW - timedelta(minutes=30)),
        ("2026-11-20T10:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20t10:00z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00+01:00", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20 10:00:30.5Z", datetime(2026, 11, 20, 10, 0, 30, 500_000, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_duration_ago_or_a_time(text, expected):
    assert parse_time(text, NOW) == expected
    assert parse_time(text, NOW).tzinfo is UTC


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
    assert parse_time(text, NOW, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8:15", datetime(2026, 11, 23, 7, 15, tzinfo=UTC)),
        ("today 9:30", datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
        ("Today at 23:00", datetime(2026, 11, 23, 22, tzinfo=UTC)),
        ("yesterday 14:00", datetime(2026, 11, 22, 13, tzinfo=UTC)),
        ("Yesterday  at 14:00:30", datetime(2026, 11, 22, 13, 0, 30, tzinfo=UTC)),
        ("8:15Z", datetime(2026, 11, 23, 8, 15, tzinfo=UTC)),
        ("08:15 utc", datetime(2026, 11, 23, 8, 15, tzinfo=UTC)),
        ("yesterday 14:00-05:00", datetime(2026, 11, 22, 19, tzinfo=UTC)),
        ("10:00", NOW),
    ],
)
def test_a_time_of_day_is_one_of_today_or_yesterday_in_the_zone(text, expected):
    assert parse_time(text, NOW, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    ("text", "zone"), [("0:15", "Europe/Berlin"), ("23:15", "UTC"), ("23:15Z", "Europe/Berlin")]
)
def test_today_is_the_day_where_the_time_is_from(text, zone):
    """At 23:30 in UTC it is the next day in Berlin already."""
    late = NOW.replace(hour=23, minute=30)

    assert parse_time(text, late, zone) == NOW.replace(hour=23, minute=15)


@pytest.mark.parametrize(
    ("text", "zone", "sentence", "step"),
    [
        (
            "14:00",
            "Europe/Berlin",
            "“14:00” today is still ahead.",
            "Write “yesterday 14:00” for 2026-11-22 13:00:00 UTC, or “today 14:00” if you mean a time ahead.",
        ),
        (
            "14:00 UTC",
            "Europe/Berlin",
            "“14:00 UTC” today is still ahead.",
            "Write “yesterday 14:00 UTC” for 2026-11-22 14:00:00 UTC, "
            "or “today 14:00 UTC” if you mean a time ahead.",
        ),
    ],
)
def test_a_time_of_day_that_is_still_ahead_is_not_guessed(text, zone, sentence, step):
    with pytest.raises(BadArgument) as caught:
        parse_time(text, NOW, zone)

    assert (caught.value.sentence, caught.value.next_step) == (sentence, step)
    assert parse_time(step.partition("“")[2].partition("”")[0], NOW, zone) < NOW


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5"])
@pytest.mark.parametrize("at", [NOW, datetime(2026, 10, 25, 0, 30, 7, tzinfo=UTC)])
def test_a_time_is_read_as_the_bot_says_it(at, zone):
    said = in_both(at, zone)

    assert parse_time(said, NOW, "Asia/Tokyo") == at
    assert parse_time(said.partition(" (")[0], NOW, "Asia/Tokyo") == at


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_matters_only_where_it_is_needed(zone):
    with pytest.raises(BadArgument, match="not known here"):
        parse_time("2026-11-20T10:00", NOW, zone)

    assert parse_time("2h", NOW, zone) == NOW - timedelta(hours=2)


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "",
        "10:00",
        "2026-13-01",
        "in 2 hours",
        "0001-01-01T00:00+14:00",
        "9",
        "930",
        "2:30pm",
        "25:00",
        "9:60",
        "tomorrow 9:00",
        "yesterday ago",
        "2026-11-20 10:00 CET",
        "2026-11-20 10:00+01:00 UTC",
        "2026-11-20 10:00 Mars/Olympus",
        "2026-11-20 10:00:00 UTC (2026-11-20 12:00:00 Europe/Berlin)",
        "2026-11-20 10:00:00 UTC (2026-11-20 10:00:00 Mars/Olympus)",
    ],
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(BadArgument):
        parse_time(text, NOW)


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
    assert format_span(length) == words


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
    assert format_full_span(length) == words


def test_a_beginning_is_rounded_up_to_the_second():
    assert whole_second(NOW) == NOW
    assert whole_second(NOW + timedelta(microseconds=1)) == NOW + timedelta(seconds=1)


def test_an_age_says_before_or_ahead():
    assert format_ago(NOW - timedelta(hours=3), NOW) == "3 hours ago"
    assert format_ago(NOW + timedelta(days=2), NOW) == "in 2 days"
    assert format_ago(NOW - timedelta(seconds=20), NOW) == format_ago(NOW, NOW) == "just now"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("2 hours ago", True), ("14:00+05:00", True), ("yesterday 14:00", True), ("hunter2 secret", False)],
)
def test_whether_words_are_a_time_does_not_hang_on_the_hour(text, is_one):
    assert is_time(text) is is_one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", NOW + timedelta(hours=2)),
        ("in 2 hours", NOW + timedelta(hours=2)),
        ("14:00", datetime(2026, 11, 23, 13, tzinfo=UTC)),
        ("9:30", datetime(2026, 11, 24, 8, 30, tzinfo=UTC)),
        ("2pm", datetime(2026, 11, 23, 13, tzinfo=UTC)),
        ("tomorrow at 9:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("tomorrow 9:00 UTC", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("2h ago", NOW - timedelta(hours=2)),
    ],
)
def test_a_time_to_come_is_the_next_one(text, expected):
    assert parse_future_time(text, NOW, "Europe/Berlin") == expected


def test_a_date_can_mean_its_end_also_where_the_clocks_change():
    assert parse_future_time("2026-10-25", NOW, "Europe/Berlin", through_day=True) == datetime(
        2026, 10, 25, 23, tzinfo=UTC
    )
    assert parse_future_time("2d", NOW, through_day=True) == NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9", time(9)),
        ("9.30", time(9, 30)),
        ("12 am", time(0)),
        ("12:15pm", time(12, 15)),
        ("03:30:10", time(3, 30, 10)),
        ("Noon", time(12)),
        ("24:00", None),
        ("13pm", None),
        ("9:60", None),
        ("soon", None),
    ],
)
def test_a_clock_is_read_the_same_everywhere(text, expected):
    assert parse_clock(text) == expected

"""Holidays: lists of dates, and calendars as they come out of a mail program."""

from datetime import date

import pytest

from bot.domain.errors import ConfigError
from bot.reports.holidays import read_calendars


def event(*lines):
    """Return one event of an ICS file."""
    return ["BEGIN:VEVENT", "UID:1", "SUMMARY:Day off", *lines, "END:VEVENT"]


def days(folder, *lines):
    """Return the days of a calendar with these lines."""
    path = folder / "days.ics"
    text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *lines, "END:VCALENDAR", ""]
    path.write_text("\r\n".join(text), encoding="utf-8")
    return sorted(read_calendars({"ours": str(path)})["ours"])


def test_a_list_is_taken_as_it_is():
    assert read_calendars({"ours": (date(2026, 12, 24), date(2026, 12, 24))}) == {
        "ours": frozenset({date(2026, 12, 24)})
    }


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART;VALUE=DATE:20261224"], [date(2026, 12, 24)]),
        (["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261225"], [date(2026, 12, 24)]),
        (
            ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227"],
            [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26)],
        ),
        (["DTSTART:20261224T090000Z", "DTEND:20261224T170000Z"], [date(2026, 12, 24)]),
        (
            ["DTSTART;VALUE=DATE:20261224", "RRULE:FREQ=YEARLY;COUNT=3"],
            [date(2026, 12, 24), date(2027, 12, 24), date(2028, 12, 24)],
        ),
        (
            ["DTSTART;VALUE=DATE:20261224", "RRULE:FREQ=YEARLY;UNTIL=20271231"],
            [date(2026, 12, 24), date(2027, 12, 24)],
        ),
        (
            ["DTSTART;VALUE=DATE:20261224", "RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24;INTERVAL=1;COUNT=2"],
            [date(2026, 12, 24), date(2027, 12, 24)],
        ),
        (
            ["DTSTART;VALUE=DATE:20240229", "RRULE:FREQ=YEARLY;UNTIL=20290101"],
            [date(2024, 2, 29), date(2028, 2, 29)],
        ),
    ],
)
def test_every_day_that_an_event_touches_is_off(tmp_path, lines, expected):
    assert days(tmp_path, *event(*lines)) == expected


def test_a_yearly_day_without_an_end_reaches_a_lifetime(tmp_path):
    found = days(tmp_path, *event("DTSTART;VALUE=DATE:19700101", "RRULE:FREQ=YEARLY"))

    assert date(2070, 1, 1) in found


def test_the_events_of_a_calendar_add_up(tmp_path):
    found = days(tmp_path, *event("DTSTART;VALUE=DATE:20261224"), *event("DTSTART;VALUE=DATE:20270101"))

    assert found == [date(2026, 12, 24), date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["DTSTART;VALUE=DATE:20261224", "RRULE:FREQ=WEEKLY"], "repeats in another way than once a year"),
        (
            ["DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"],
            "is no calendar that can be read",
        ),
        (
            ["DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=26"],
            "repeats in another way than once a year",
        ),
        (["DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;INTERVAL=2"], "“Day off” repeats in another way"),
        (["SUMMARY:no date"], "is no calendar that can be read"),
    ],
)
def test_what_is_not_understood_is_refused_rather_than_left_out(tmp_path, lines, words):
    with pytest.raises(ConfigError) as refused:
        days(tmp_path, *event(*lines))

    assert "holidays.ours: the file " in refused.value.sentence
    assert words in refused.value.sentence
    assert refused.value.next_step == "Name an ICS file with whole days, or list the dates."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is no calendar that can be read"),
        (b"\xff\xfe not a calendar", "is no calendar that can be read"),
        (b"<html>sign in</html>", "is no calendar that can be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, words):
    path = tmp_path / "days.ics"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError) as refused:
        read_calendars({"ours": str(path)})

    assert f"holidays.ours: the file {path}" in refused.value.sentence
    assert words in refused.value.sentence

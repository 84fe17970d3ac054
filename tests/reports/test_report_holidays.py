"""Holidays: lists of dates, and calendars as they come out of a mail program."""

from datetime import UTC, date, datetime

import pytest
from ics_calendars import CALENDARS, DAYS

from bot.domain.errors import ConfigError
from bot.reports.report_service import read_calendars


def event(*lines):
    """Return one event of an ICS file."""
    return ["BEGIN:VEVENT", "UID:1", "SUMMARY:Day off", *lines, "END:VEVENT"]


NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def days(folder, *lines, zone="Europe/Berlin"):
    """Return the days from 2026 on of a calendar with these lines."""
    path = folder / "days.ics"
    text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", *lines, "END:VCALENDAR", ""]
    path.write_text("\r\n".join(text), encoding="utf-8")
    found = read_calendars({"ours": str(path)}, NOW)["ours"].in_zone(zone)
    return sorted(day for day in found if day.year >= 2026)


def test_a_list_is_taken_as_it_is():
    given = {"ours": (date(2026, 12, 24), date(2026, 12, 24))}

    assert read_calendars(given, NOW)["ours"].in_zone("Asia/Tokyo") == {date(2026, 12, 24): ""}


@pytest.mark.parametrize("name", CALENDARS)
def test_calendars_as_people_have_them(tmp_path, name):
    text, is_off = CALENDARS[name]

    assert [day for day in days(tmp_path, text.strip()) if day <= DAYS[-1]] == list(filter(is_off, DAYS))


def test_there_are_42_of_them():
    assert len(CALENDARS) == 42


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
            [date(2028, 2, 29)],
        ),
    ],
)
def test_every_day_that_an_event_touches_is_off(tmp_path, lines, expected):
    assert days(tmp_path, *event(*lines)) == expected


def test_a_yearly_day_without_an_end_is_followed_for_ten_years(tmp_path):
    found = days(tmp_path, *event("DTSTART;VALUE=DATE:19700101", "RRULE:FREQ=YEARLY"))

    assert found == [date(year, 1, 1) for year in range(2026, 2037)]


def test_times_fall_on_the_days_of_the_reader(tmp_path):
    lines = event("DTSTART:20261224T220000Z", "DTEND:20261225T030000Z")

    assert days(tmp_path, *lines, zone="UTC") == [date(2026, 12, 24), date(2026, 12, 25)]
    assert days(tmp_path, *lines, zone="Asia/Tokyo") == [date(2026, 12, 25)]
    assert days(tmp_path, *lines, zone="America/New_York") == [date(2026, 12, 24)]


def test_days_have_the_names_of_their_events_without_what_hides_in_them(tmp_path):
    path = tmp_path / "days.ics"
    path.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\n"
        f"SUMMARY:Christmas\u202e Eve {'x' * 99}\nEND:VEVENT\nEND:VCALENDAR\n",
        encoding="utf-8",
    )
    (name,) = read_calendars({"ours": str(path)}, NOW)["ours"].in_zone("UTC").values()

    assert name == f"Christmas Eve {'x' * 45}…"


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART;VALUE=DATE:20261224", "RRULE:FREQ=YEARLY;UNTIL=99991231"],
        ["DTSTART;TZID=Europe/Berlin:20261224T090000", "RRULE:FREQ=YEARLY;UNTIL=99991231T235959Z"],
        ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:99991231"],
        ["DTSTART;VALUE=DATE:00010101", "DTEND;VALUE=DATE:99991231"],
        ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261220"],
        ["DTSTART;TZID=Nowhere:20261224T090000"],
        ["DTSTART;VALUE=DATE:20261224", "RDATE;VALUE=DATE:99991231"],
    ],
)
def test_what_real_calendars_hold_besides(tmp_path, lines):
    assert date(2026, 12, 24) in days(tmp_path, *event(*lines))


def test_the_events_of_a_calendar_add_up(tmp_path):
    found = days(tmp_path, *event("DTSTART;VALUE=DATE:20261224"), *event("DTSTART;VALUE=DATE:20270101"))

    assert found == [date(2026, 12, 24), date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            ["DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;BYMONTH=13"],
            "“Day off”: BYMONTH cannot be 13",
        ),
        (["DTSTART;VALUE=DATE:20261126", "RRULE:RSCALE=HEBREW;FREQ=YEARLY"], "“Day off”: RSCALE=HEBREW"),
        (
            ["DTSTART;VALUE=DATE:20261126", "RRULE:FREQ=YEARLY;COUNT=1000000000000"],
            "“Day off” has an unreadable RRULE",
        ),
        (["DTSTART;VALUE=DATE:tomorrow"], "“Day off” has an unreadable DTSTART"),
        (["SUMMARY:no date"], "has no date"),
        (
            ["DTSTART:19000101T090000", "DTEND:20360101T090000", "RRULE:FREQ=DAILY"],
            "“Day off” recurs too often",
        ),
    ],
)
def test_what_is_not_understood_is_refused_rather_than_left_out(tmp_path, lines, words):
    with pytest.raises(ConfigError) as refused:
        days(tmp_path, *event(*lines))

    assert "holidays.ours: the file " in refused.value.sentence
    assert words in refused.value.sentence
    assert refused.value.next_step == "Name an ICS file, or list the dates."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "can't be read as a calendar"),
        (b"\xff\xfe not a calendar", "can't be read as a calendar"),
        (b"<html>sign in</html>", "can't be read as a calendar"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, words):
    path = tmp_path / "days.ics"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError) as refused:
        read_calendars({"ours": str(path)}, NOW)

    assert f"holidays.ours: the file {path}" in refused.value.sentence
    assert words in refused.value.sentence


def test_a_file_that_would_take_long_to_read_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="has more than 5 MB"):
        days(tmp_path, "X" * 5_000_001)

"""Times as people type them, judged by hand, and the rules that hold for any of them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.errors import BadArgument
from bot.domain.times import in_both, parse_future_time, parse_period, parse_time

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday; 10:00 in Berlin."""

BERLIN = "Europe/Berlin"

TABLE = """
typed                               | looking back      | looking ahead
yesterday                           | 2026-11-22 00:00  | 2026-11-22 00:00
yesterday 2pm                       | 2026-11-22 14:00  | 2026-11-22 14:00
Yesterday at 2                      | 2026-11-22 02:00  | 2026-11-22 02:00
noon yesterday                      | 2026-11-22 12:00  | 2026-11-22 12:00
today                               | 2026-11-23 00:00  | 2026-11-23 00:00
today 23:00                         | 2026-11-23 23:00  | 2026-11-23 23:00
tomorrow                            | in the future     | 2026-11-24 00:00
tomorrow 9:00                       | in the future     | 2026-11-24 09:00
3am                                 | 2026-11-23 03:00  | 2026-11-24 03:00
3 a.m.                              | 2026-11-23 03:00  | 2026-11-24 03:00
noon                                | still ahead       | 2026-11-23 12:00
14:00                               | still ahead       | 2026-11-23 14:00
midnight                            | 2026-11-23 00:00  | 2026-11-24 00:00
monday                              | 2026-11-23 00:00  | 2026-11-30 00:00
monday 9:00                         | 2026-11-23 09:00  | 2026-11-30 09:00
Monday, 10:30                       | 2026-11-16 10:30  | 2026-11-23 10:30
10:30 monday                        | 2026-11-16 10:30  | 2026-11-23 10:30
last monday 9:00                    | 2026-11-16 09:00  | 2026-11-16 09:00
next monday 9:00                    | in the future     | 2026-11-30 09:00
this friday at 8:00                 | 2026-11-20 08:00  | 2026-11-27 08:00
on fri 8am                          | 2026-11-20 08:00  | 2026-11-27 08:00
Thurs 9.30pm                        | 2026-11-19 21:30  | 2026-11-26 21:30
23.11.2026 9:30                     | 2026-11-23 09:30  | 2026-11-23 09:30
23.11.2026, 9.30                    | 2026-11-23 09:30  | 2026-11-23 09:30
20.11. 10:00                        | 2026-11-20 10:00  | 2027-11-20 10:00
20.11.26 10:00                      | has two digits    | has two digits
11/20/2026 10:00                    | 2026-11-20 10:00  | 2026-11-20 10:00
20/11/2026 10:00                    | 2026-11-20 10:00  | 2026-11-20 10:00
4/4/2026 10:00                      | 2026-04-04 10:00  | 2026-04-04 10:00
03/04/2026 10:00                    | can be            | can be
2026-11-20 10:00                    | 2026-11-20 10:00  | 2026-11-20 10:00
2026/11/20 10:00                    | 2026-11-20 10:00  | 2026-11-20 10:00
20 nov 10:00                        | 2026-11-20 10:00  | 2027-11-20 10:00
Nov 20, 2026 10:00                  | 2026-11-20 10:00  | 2026-11-20 10:00
20th of November at 10              | 2026-11-20 10:00  | 2027-11-20 10:00
29 feb                              | 2024-02-29 00:00  | 2028-02-29 00:00
2h                                  | 2026-11-23 08:00  | 2026-11-23 12:00
2 hours ago                         | 2026-11-23 08:00  | 2026-11-23 08:00
in 2 hours                          | in the future     | 2026-11-23 12:00
an hour from now                    | in the future     | 2026-11-23 11:00
now                                 | 2026-11-23 10:00  | 2026-11-23 10:00
2026-11-20 10:00 UTC                | 2026-11-20 11:00  | 2026-11-20 11:00
2026-11-20 10:00+0500               | 2026-11-20 06:00  | 2026-11-20 06:00
2026-11-20 10:00 america/new_york   | 2026-11-20 16:00  | 2026-11-20 16:00
10:00 CET                           | the time zone     | the time zone
20.11.2026 10:00 CET                | the time zone     | the time zone
2026-10-25 02:30                    | happens twice     | happens twice
2026-03-29 02:30                    | does not exist    | does not exist
30 february                         | can't read        | can't read
friday friday                       | can't read        | can't read
yesterday 14                        | can't read        | can't read
9                                   | can't read        | can't read
930                                 | can't read        | can't read
25:00                               | can't read        | can't read
last week                           | can't read        | can't read
2026-11-20 10:00 soon               | can't read        | can't read
"""

ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()[1:]]


def read_or_refuse(read, text, now=NOW, zone=BERLIN):
    """Return the moment, or the sentence and the next step of the refusal."""
    try:
        return read(text, now, zone), ("", "")
    except BadArgument as error:
        return None, (error.sentence, error.next_step)


@pytest.mark.parametrize(("typed", "back", "ahead"), ROWS, ids=[row[0] for row in ROWS])
def test_a_time_is_read_as_it_is_meant(typed, back, ahead):
    for read, expected in ((parse_time, back), (parse_future_time, ahead)):
        moment, (sentence, step) = read_or_refuse(read, typed)
        if moment is None:
            assert expected in sentence
            assert step
        else:
            assert f"{moment.astimezone(ZoneInfo(BERLIN)):%Y-%m-%d %H:%M}" == expected


@pytest.mark.parametrize("text", ["03/04/2026", "2026-10-25 02:30", "20.11.26 10:00", "2026-03-29 02:30"])
def test_what_can_be_read_in_two_ways_is_asked_back_with_what_to_type(text):
    with pytest.raises(BadArgument) as caught:
        parse_time(text, NOW, BERLIN)
    proposed = caught.value.next_step.removeprefix("Write all four: ").removeprefix("Write ")
    proposed = [each.strip(",. ") for each in proposed.partition(", or an")[0].split(" or ")]

    moments = {parse_time(each, NOW, BERLIN) for each in proposed}
    assert len(moments) == len(proposed)


def test_a_day_begins_with_its_first_moment_also_where_the_clocks_skip_midnight():
    cairo = parse_time("2026-04-24", NOW, "Africa/Cairo")

    assert cairo == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert f"{cairo.astimezone(ZoneInfo('Africa/Cairo')):%d %H:%M}" == "24 01:00"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("7d", timedelta(days=7)),
        ("yesterday", timedelta(days=1, hours=10)),
        ("friday 10:00", timedelta(days=3)),
        ("20.11.2026 10:00", timedelta(days=3)),
    ],
)
def test_a_period_is_a_duration_or_reaches_back_to_a_time(text, length):
    assert parse_period(text, NOW, BERLIN) == length


@pytest.mark.parametrize("text", ["24.12.2026", "now", "tomorrow", "soon", "0d"])
def test_a_period_reaches_back(text):
    with pytest.raises(BadArgument) as caught:
        parse_period(text, NOW, BERLIN)

    assert caught.value.next_step


def test_a_day_can_mean_its_end():
    read = {
        day: parse_future_time(day, NOW, BERLIN, through_day=True)
        for day in ("friday", "24.12.2026", "monday")
    }

    assert read["friday"] == datetime(2026, 11, 27, 23, tzinfo=UTC)
    assert read["24.12.2026"] == datetime(2026, 12, 24, 23, tzinfo=UTC)
    assert read["monday"] == datetime(2026, 11, 23, 23, tzinfo=UTC)


ZONES = st.sampled_from([BERLIN, "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2020, 2030))
MOMENTS = st.datetimes(FIRST, LAST).map(lambda at: at.replace(microsecond=0))
SHAPES = (
    "{:%Y-%m-%d %H:%M:%S}",
    "{:%d.%m.%Y %H:%M:%S}",
    "{:%B %d, %Y at %H:%M:%S}",
    "{:%d %b %Y %I:%M:%S%p}",
)


@settings(max_examples=60, deadline=None)
@given(at=MOMENTS, zone=ZONES)
def test_a_time_is_read_back_as_the_bot_says_it_in_every_zone(at, zone):
    moment = at.replace(tzinfo=UTC)

    assert parse_time(in_both(moment, zone), NOW, "Asia/Tokyo") == moment


@settings(max_examples=60, deadline=None)
@given(at=MOMENTS, zone=ZONES, shape=st.sampled_from(SHAPES))
@example(at=datetime.fromisoformat("2026-10-25 02:30"), zone=BERLIN, shape=SHAPES[0])
@example(at=datetime.fromisoformat("2026-03-29 02:30"), zone=BERLIN, shape=SHAPES[1])
@example(at=datetime.fromisoformat("2026-04-05 01:45"), zone="Australia/Lord_Howe", shape=SHAPES[2])
def test_a_local_time_shows_as_typed_or_is_asked_back_where_the_clocks_change(at, zone, shape):
    place = ZoneInfo(zone)
    offsets = {at.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1)}
    moment, (sentence, _) = read_or_refuse(parse_time, shape.format(at), zone=zone)

    if len(offsets) == 1:
        assert moment.astimezone(place).replace(tzinfo=None) == at
    else:
        assert "the clocks go" in sentence


WORDS = (
    "yesterday today tomorrow monday fri last next on at of noon 3am 9 9:30 14:00 2h ago in nov 20 20. / z"
)
PIECES = st.lists(st.sampled_from([*WORDS.split(), "20.11.2026", "1/2/2026", "+01:00", "UTC", "٣", "\u2028"]))


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(PIECES.map(" ".join), st.text(max_size=40)), now=MOMENTS, zone=ZONES)
def test_any_text_is_a_time_in_its_direction_or_refused_with_an_example(text, now, zone):
    for read in (parse_time, parse_future_time):
        moment, (_, step) = read_or_refuse(read, text, now.replace(tzinfo=UTC), zone)

        assert step or moment.utcoffset() == timedelta()


@settings(max_examples=60, deadline=None)
@given(
    day=st.sampled_from(["monday", "wed", "sunday"]),
    clock=st.sampled_from(["", " 9:00", " 11pm", " noon"]),
    now=MOMENTS,
    zone=ZONES,
)
def test_a_weekday_is_the_nearest_in_its_direction(day, clock, now, zone):
    at = now.replace(tzinfo=UTC)
    back, ahead = parse_time(day + clock, at, zone), parse_future_time(day + clock, at, zone)

    assert timedelta() <= at - back <= timedelta(days=7, hours=1)
    assert timedelta() < ahead - at <= timedelta(days=7, hours=1)
    assert timedelta(days=6, hours=23) <= ahead - back <= timedelta(days=7, hours=1)


@pytest.mark.parametrize("piece", ["yesterday ", "1", "9:", "last ", "2h", "an hour ", "a/", "((", "nov 20 "])
def test_a_long_text_is_refused_whole(piece):
    with pytest.raises(BadArgument):
        parse_time(piece * 50_000, NOW)

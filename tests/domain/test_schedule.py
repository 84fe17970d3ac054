"""The calendar against a second opinion: every minute of the clock-change weeks, read off a wall clock."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from wall_times import ZONES

from bot.domain.errors import BadArgument
from bot.domain.schedule import Schedule, Timetable, parse_schedule

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def list_offset_changes(zone, year):
    """Return the minutes of a year at which the zone's clocks change."""
    at, place, found = datetime(year, 1, 1, tzinfo=UTC), ZoneInfo(zone), []
    while at.year == year:
        before = at.astimezone(place).utcoffset()
        if (at + DAY).astimezone(place).utcoffset() != before:
            later = (at + number * timedelta(minutes=30) for number in range(1, 49))
            found.append(next(each for each in later if each.astimezone(place).utcoffset() != before))
        at += DAY
    return found


@cache
def weeks(zone):
    """Return days from noon around each change of two years; those of one date where there is none."""
    changes = [at for year in (2026, 2027) for at in list_offset_changes(zone, year)] or [
        datetime(2026, 6, 3, tzinfo=UTC)
    ]
    noons = [(at - 2 * DAY).astimezone(ZoneInfo(zone)).replace(hour=12, minute=0) for at in changes]
    return [(noon.astimezone(UTC), at + 3 * DAY) for noon, at in zip(noons, changes, strict=True)]


@cache
def clock(zone, start, end):
    """Return every minute, and the time on the wall clock then."""
    place, count = ZoneInfo(zone), int((end - start) / MINUTE) + 1
    minutes = (start + number * MINUTE for number in range(count))
    return [(at, at.astimezone(place).replace(tzinfo=None)) for at in minutes]


def read_wall_clock(hour, minute, zone, start, end):
    """Return the moments of a daily time, by checking the clock every minute: the first moment of each day
    at which it shows that time or, where it skips it, more."""
    found, shown = {}, clock(zone, start, end)[0][1]
    moment = datetime.combine(shown, time(hour, minute))
    for at, now in clock(zone, start, end):
        if moment.date() != now.date():
            moment = datetime.combine(now, time(hour, minute))
        if (now == moment or shown < moment < now) and now.date() not in found:
            found[now.date()] = at
        shown = now
    return list(found.values())


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (0, 30), (1, 30), (2, 0), (2, 30), (3, 0), (9, 0)])
def test_a_daily_time_happens_once_a_day_over_every_change_of_the_clocks(zone, hour, minute):
    schedule = Schedule(timetable=Timetable((f"{minute} {hour} * * *",)), zone=zone)
    for start, end in weeks(zone):
        found = [at for at in islice(schedule.after(start), 20) if at <= end]

        assert found == read_wall_clock(hour, minute, zone, start, end)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cron", ["*/30 * * * *", "0 */6 * * *", "15 * * * 0,1"])
def test_what_goes_by_elapsed_time_happens_whenever_the_wall_shows_it(zone, cron):
    minutes, hours, days = (
        {"*/30": {0, 30}, "0": {0}, "15": {15}}[cron.split()[0]],
        {"*": set(range(24)), "*/6": {0, 6, 12, 18}}[cron.split()[1]],
        {"*": set(range(7)), "0,1": {6, 0}}[cron.split()[4]],
    )
    for start, end in weeks(zone):
        expected = [
            at
            for at, local in clock(zone, start, end)[1:]
            if local.minute in minutes and local.hour in hours and local.weekday() in days
        ]
        found = [
            at
            for at in islice(Schedule(timetable=Timetable((cron,)), zone=zone).after(start), 400)
            if at <= end
        ]

        assert found == expected


@pytest.mark.parametrize("zone", ZONES)
def test_beginning_anywhere_gives_the_same_times(zone):
    """A restart in the middle of a repeated hour neither repeats nor forgets."""
    schedule = Schedule(timetable=Timetable(("0,30 1,2,3 * * *",)), zone=zone)
    for start, _ in weeks(zone):
        whole = list(islice(schedule.after(start), 24))
        for begin in whole[:-1]:
            for again in (begin - timedelta(seconds=1), begin, begin + timedelta(minutes=7)):
                assert next(schedule.after(again)) == next(at for at in whole if at > again)


def make_utc_time(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_the_stated_rule_in_berlin():
    daily = Schedule(timetable=Timetable(("30 2 * * *",)), zone="Europe/Berlin")

    assert next(daily.after(make_utc_time(2026, 3, 28, 12))) == make_utc_time(
        2026, 3, 29, 1
    )  # 03:00, not 02:30
    assert list(islice(daily.after(make_utc_time(2026, 10, 24, 12)), 2)) == [
        make_utc_time(2026, 10, 25, 0, 30),  # the first 02:30
        make_utc_time(2026, 10, 26, 1, 30),
    ]


def test_two_times_of_the_same_gap_are_one():
    twice = Schedule(timetable=Timetable(("0,30 2 * * *",)), zone="Europe/Berlin")

    assert list(islice(twice.after(make_utc_time(2026, 3, 28, 12)), 3)) == [
        make_utc_time(2026, 3, 29, 1),
        make_utc_time(2026, 3, 30, 0),
        make_utc_time(2026, 3, 30, 0, 30),
    ]


def test_a_day_that_a_zone_skipped_makes_one_time():
    schedule = Schedule(timetable=Timetable(("0 9 * * *",)), zone="Pacific/Apia")  # had no 30 December 2011

    found = list(islice(schedule.after(make_utc_time(2011, 12, 29, 12)), 3))
    assert [f"{at.astimezone(ZoneInfo('Pacific/Apia')):%d %H:%M}" for at in found] == [
        "29 09:00",
        "31 00:00",
        "31 09:00",
    ]


def test_holidays_are_left_out_by_the_date_of_the_zone():
    schedule = Schedule(
        timetable=Timetable(("0 1 * * *",)), zone="Asia/Tokyo", holidays={date(2027, 1, 1): ""}
    )

    found = list(islice(schedule.after(datetime(2026, 12, 30, 16, 30, tzinfo=UTC)), 2))
    assert found == [datetime(2027, 1, 1, 16, tzinfo=UTC), datetime(2027, 1, 2, 16, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("words", "cron"),
    [
        ("last Friday at 9:00", "0 9 * * 5L"),
        ("on the last Friday of every month at 17:00", "0 17 * * 5L"),
        ("first Monday at 9", "0 9 * * 1#1"),
        ("every second Friday of the month at 9", "0 9 * * 5#2"),
        ("2nd and 4th Tuesday at 9:00", "0 9 * * 2#2,2#4"),
        ("first Monday and last Friday of the month at 9:00", "0 9 * * 1#1,5L"),
        ("last day at 17:00", "0 17 L * *"),
        ("every month on the 1st and the last day at noon", "0 12 1,L * *"),
        ("last working day at 9:00", "0 9 LW * *"),
        ("1st and 15th at 7:00", "0 7 1,15 * *"),
        ("every week on Monday at 9:00", "0 9 * * 1"),
        ("9:00 and 17:00", "0 9,17 * * *"),
        ("0 9 * * 5L", "0 9 * * 5L"),
        ("every Monday at 9:00", "0 9 * * 1"),
        ("Mondays at 9", "0 9 * * 1"),
        ("every Mon and Thu at 9:30", "30 9 * * 1,4"),
        ("every monday, wednesday and friday at 17:05", "5 17 * * 1,3,5"),
        ("every weekday at 8:30", "30 8 * * 1-5"),
        ("weekdays at 8am", "0 8 * * 1-5"),
        ("every weekend at noon", "0 12 * * 0,6"),
        ("daily at midnight", "0 0 * * *"),
        ("every day at 9:00 and 17:00", "0 9,17 * * *"),
        ("every day at 12am", "0 0 * * *"),
        ("every day at 12:15 pm", "15 12 * * *"),
        ("on the 1st of every month at 7:00", "0 7 1 * *"),
        ("every month on the 15th at 7:00", "0 7 15 * *"),
        ("on the 1st at noon", "0 12 1 * *"),
        ("Mon and Tue at 9:00", "0 9 * * 1,2"),
        ("every 15 minutes", "*/15 * * * *"),
        ("every minute", "* * * * *"),
        ("every hour", "0 * * * *"),
        ("every 6 hours", "0 */6 * * *"),
        ("0  9 * * 1-5", "0 9 * * 1-5"),
        ("0 9 L * *", "0 9 L * *"),
        ("0 9 * * MON#1", "0 9 * * MON#1"),
    ],
)
def test_words_and_crons_are_understood(words, cron):
    assert parse_schedule(words) == Timetable((cron,))


@pytest.mark.parametrize(
    ("words", "timetable", "told"),
    [
        (
            "every day at 9:00 and 15:30",
            Timetable(("0 9 * * *", "30 15 * * *")),
            "At 09:00 every day; at 15:30 every day",
        ),
        ("9:00 and 15:30", Timetable(("0 9 * * *", "30 15 * * *")), "At 09:00 every day; at 15:30 every day"),
        (
            "1st and Mondays at 9:00",
            Timetable(("0 9 1 * *", "0 9 * * 1")),
            "At 09:00 on the first day of every month; at 09:00 on Monday",
        ),
        ("31st at 9:00", Timetable(("0 9 31 * *",)), "At 09:00 on the 31st day of every month"),
        ("every 2 weeks at 9:00", Timetable(("0 9 * * 1",), 2), "At 09:00 on Monday, every 2 weeks"),
        (
            "every other week on Friday at 9",
            Timetable(("0 9 * * 5",), 2),
            "At 09:00 on Friday, every 2 weeks",
        ),
        (
            "every 3 weeks on Monday and Thursday at 9:00 from 2026-12-02",
            Timetable(("0 9 * * 1,4",), 3, date(2026, 12, 2)),
            "At 09:00 on Monday and Thursday, every 3 weeks, counted from 2026-12-02",
        ),
    ],
)
def test_what_no_cron_can_say_is_understood_and_told(words, timetable, told):
    found = parse_schedule(words)

    assert (found, found.describe()) == (timetable, told)


@pytest.mark.parametrize(
    ("words", "sentence", "next_step"),
    [
        ("last Friday", "“last friday” has no time of day.", "such as “… at 9:00”"),
        ("every 2 weeks", "“every 2 weeks” has no time of day.", "such as “… at 9:00”"),
        ("every second Friday at 9", "can be read in two ways", "“every 2 weeks on friday at …”"),
        ("every Monday at 9 from 2026-12-01", "can start from a date", "Leave the date out."),
    ],
)
def test_what_is_missing_or_unclear_is_asked_for(words, sentence, next_step):
    with pytest.raises(BadArgument) as refused:
        parse_schedule(words)

    assert sentence in refused.value.sentence
    assert next_step in refused.value.next_step


@pytest.mark.parametrize("zone", ZONES)
def test_every_second_week_keeps_its_wall_clock_over_changes_of_the_clocks(zone):
    schedule = Schedule(timetable=parse_schedule("every 2 weeks on Sunday at 9:00 and 15:30"), zone=zone)
    found = [at.astimezone(ZoneInfo(zone)) for at in islice(schedule.after(make_utc_time(2026, 1, 1)), 80)]
    expected = [
        (day, clock)
        for day in (found[0].date() + timedelta(days=14 * number) for number in range(40))
        for clock in (time(9), time(15, 30))
    ]

    assert [(at.date(), at.time()) for at in found] == expected


def test_weeks_are_counted_from_the_week_of_the_date():
    schedule = Schedule(timetable=parse_schedule("every 2 weeks on Monday at 9 from 2026-12-03"), zone="UTC")

    assert next(schedule.after(make_utc_time(2026, 12, 1))) == make_utc_time(2026, 12, 14, 9)
    assert next(schedule.after(make_utc_time(2026, 11, 29))) == make_utc_time(2026, 11, 30, 9)


def test_holidays_that_would_be_skipped_are_named():
    off = {
        date(2026, 12, 25): "Christmas Day",
        date(2026, 12, 26): "Boxing Day",
        date(2029, 1, 1): "",
        date(2026, 1, 1): "",
    }
    schedule = Schedule(timetable=parse_schedule("every weekday at 1:00"), zone="Asia/Tokyo", holidays=off)

    assert list(schedule.skipped(make_utc_time(2026, 11, 29))) == [(date(2026, 12, 25), "Christmas Day")]
    assert list(schedule.skipped(make_utc_time(2026, 12, 24, 17))) == []


@pytest.mark.parametrize(
    "words",
    [
        "",
        "6th Friday at 9:00",
        "last weekend at 9:00",
        "every 0 weeks on Monday at 9:00",
        "every 53 weeks on Monday at 9:00",
        "every 2 weeks on the 1st at 9:00",
        "every 2 weeks on the last Friday at 9:00",
        "every 2 weeks on Monday at 9:00 from 2026-13-01",
        "monday",
        "every blue moon at 9:00",
        "every day at 25:00",
        "every day at 9:60",
        "every day at 13pm",
        "every day at",
        "0 9 30 2 *",
        "61 * * * *",
        "* * * * * *",
        "every 7 minutes",
        "every 0 hours",
        "every 99999999999999999999 minutes",
        "at at at",
    ],
)
def test_what_is_no_schedule_is_refused_with_an_example(words):
    with pytest.raises(BadArgument) as refused:
        parse_schedule(words)

    assert refused.value.next_step


def test_a_schedule_that_no_longer_comes_ends():
    always_off = {date(year, 1, 1): "New Year" for year in range(2026, 2040)}
    assert (
        list(
            Schedule(timetable=Timetable(("0 0 1 1 *",)), zone="UTC", holidays=always_off).after(
                make_utc_time(2026, 1, 2)
            )
        )
        == []
    )

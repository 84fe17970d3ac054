"""Recurrence rules against dateutil, an independent expander, and within a bound of work."""

# ruff: noqa: DTZ001 - rules are read on a wall clock

import random
from datetime import datetime, timedelta

import pytest
from dateutil.rrule import rrulestr

from bot.domain.recurrence import RecurrenceRule, TooMuchWork, WorkLimit

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
RULES = 40
"""`make soak` tries more."""


def some(chance, values, most):
    """Return up to `most` of the values, joined."""
    return ",".join(map(str, chance.sample(values, chance.randint(1, most))))


def make_rule(chance):
    """Return a random rule of days as dateutil reads it, too.

    Left out is what dateutil reads in its own way: BYSETPOS in the first week, which it takes for shorter
    than it is, weeks that lie in two years, and BYDAY with and without numbers, which it joins by “and”.
    """
    kind = chance.choice(["YEARLY", "MONTHLY", "WEEKLY", "DAILY"])
    parts = {"FREQ": kind, "INTERVAL": chance.choice([1, 1, 2, 3, 5])}
    if chance.random() < 0.4:
        parts["BYMONTH"] = some(chance, range(1, 13), 3)
    if kind != "WEEKLY" and len(parts) == 2 and chance.random() < 0.5:
        parts["BYMONTHDAY"] = some(chance, [1, 2, 15, 28, 29, 30, 31, -1, -2, -31], 3)
    if kind == "YEARLY" and chance.random() < 0.2:
        parts["BYYEARDAY"] = some(chance, [1, 60, 100, 366, -1, -366], 3)
    parts |= make_weekdays(chance, kind, parts)
    if chance.random() < 0.2:
        parts["BYHOUR"] = some(chance, range(24), 2)
    if kind != "WEEKLY" and len(parts) > 2 and chance.random() < 0.3:
        parts["BYSETPOS"] = some(chance, [1, 2, -1, -2], 2)
    if chance.random() < 0.3:
        parts["WKST"] = chance.choice(DAYS)
    return parts


def make_weekdays(chance, kind, parts):
    if kind == "YEARLY" and len(parts) == 2 and chance.random() < 0.4:
        return {"BYWEEKNO": some(chance, range(2, 51), 3), "BYDAY": some(chance, DAYS, 3)}
    if chance.random() < 0.5:
        return {}
    is_numbered = kind in {"YEARLY", "MONTHLY"} and chance.random() < 0.5
    ordinals = [1, 2, 5, -1, -2] if is_numbered else [""]
    return {"BYDAY": some(chance, [f"{each}{day}" for each in ordinals for day in DAYS], 3)}


def parse_parts(parts):
    return RecurrenceRule.parse({key: str(value).split(",") for key, value in parts.items()})


def compare_rules(seed, rules):
    """Return the rules that this expander and dateutil expand differently."""
    chance, different = random.Random(seed), []  # noqa: S311 - the same each time
    for _ in range(rules):
        parts = make_rule(chance)
        start = datetime(2024, 1, 1) + timedelta(days=chance.randint(0, 800), minutes=chance.choice([0, 570]))
        until = start + timedelta(days=1_500)
        text = ";".join(f"{key}={value}" for key, value in parts.items())
        expected = list(rrulestr(f"{text};UNTIL={until:%Y%m%dT%H%M%S}", dtstart=start))
        if expected[:1] != [start]:
            expected = [start, *expected]  # DTSTART always counts (RFC 5545, 3.8.5.3)
        rule, middle = parse_parts(parts), start + timedelta(days=900)
        for since in (start, middle):
            work = WorkLimit(1_000_000)
            found = rule.occurrences(start, since=since, until=until, work=work)
            if [at for at in found if at >= since] != [at for at in expected if at >= since]:
                different.append((text, start, since))
    return different


def test_random_rules_mean_what_dateutil_reads_in_them():
    assert compare_rules(seed=18, rules=RULES) == []


@pytest.mark.soak
def test_many_random_rules():
    assert compare_rules(seed=19, rules=1_000) == []


@pytest.mark.parametrize(
    ("parts", "start", "expected"),
    [
        ("FREQ=HOURLY;INTERVAL=30;COUNT=3", "01T22:00", ["01T22:00", "03T04:00", "04T10:00"]),
        ("FREQ=MINUTELY;BYHOUR=9;BYMINUTE=0,20;COUNT=3", "01T09:00", ["01T09:00", "01T09:20", "02T09:00"]),
        ("FREQ=SECONDLY;INTERVAL=45;COUNT=3", "01T23:59", ["01T23:59", "01T23:59", "02T00:00"]),
        # Of the whole first week, not of what dateutil has left of it.
        ("FREQ=WEEKLY;BYDAY=MO,SA;BYSETPOS=2;COUNT=2", "07T00:00", ["07T00:00", "10T00:00"]),
        (
            "FREQ=WEEKLY;BYDAY=SA,SU;WKST=SU;INTERVAL=2;COUNT=3",
            "03T00:00",
            ["03T00:00", "11T00:00", "17T00:00"],
        ),
        ("FREQ=MONTHLY;BYDAY=FR,1MO;COUNT=4", "02T00:00", ["02T00:00", "05T00:00", "09T00:00", "16T00:00"]),
        ("FREQ=MONTHLY;BYDAY=MO;COUNT=2", "01T00:00", ["01T00:00", "05T00:00"]),
    ],
)
def test_occurrences_in_order(parts, start, expected):
    at = datetime.fromisoformat(f"2026-01-{start}")
    rule = parse_parts(dict(each.split("=") for each in parts.split(";")))
    found = rule.occurrences(at, since=at, until=at + timedelta(days=30), work=WorkLimit(100_000))

    assert [f"{each:%dT%H:%M}" for each in found] == expected


@pytest.mark.parametrize(
    "parts",
    [
        {"FREQ": "SECONDLY"},
        {"FREQ": "SECONDLY", "BYMONTH": "2", "BYMONTHDAY": "30"},
        {"FREQ": "MINUTELY", "BYSETPOS": "-1", "BYMONTH": "2"},
        {"FREQ": "DAILY", "BYHOUR": ",".join(map(str, range(24))), "BYMINUTE": ",".join(map(str, range(60)))},
    ],
)
def test_a_rule_takes_no_more_work_than_it_may(parts):
    start, until = datetime(1601, 1, 1), datetime(2036, 1, 1)
    with pytest.raises(TooMuchWork):
        list(parse_parts(parts).occurrences(start, since=start, until=until, work=WorkLimit(20_000)))


@pytest.mark.parametrize(
    "parts",
    [
        {"FREQ": "DAILY", "BYMONTH": "2", "BYMONTHDAY": "30"},
        {"FREQ": "YEARLY", "BYMONTH": "2", "BYMONTHDAY": "30"},
        {"FREQ": "WEEKLY", "INTERVAL": "99999999999999999999"},
    ],
)
def test_a_rule_without_an_occurrence_ends_with_its_window(parts):
    start, until = datetime(2020, 1, 1), datetime(2036, 1, 1)
    work = WorkLimit(20_000)

    assert list(parse_parts(parts).occurrences(start, since=start, until=until, work=work)) == [start]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"FREQ": "FORTNIGHTLY"}, "FREQ=FORTNIGHTLY"),
        ({"FREQ": "YEARLY", "BYEASTER": "0"}, "BYEASTER"),
        ({"FREQ": "YEARLY", "RSCALE": "CHINESE"}, "RSCALE=CHINESE is not supported"),
        ({"FREQ": "DAILY", "INTERVAL": "0"}, "INTERVAL is 0"),
        ({"FREQ": "DAILY", "BYMONTH": "13"}, "BYMONTH cannot be 13"),
        ({"FREQ": "DAILY", "BYMONTHDAY": "0"}, "BYMONTHDAY cannot be 0"),
        ({"FREQ": "MONTHLY", "BYDAY": "4TX"}, "BYDAY cannot be 4TX"),
        ({"FREQ": "WEEKLY", "BYDAY": "2MO"}, "BYDAY has a number"),
    ],
)
def test_what_is_not_understood_is_refused(parts, words):
    with pytest.raises(ValueError, match=words):
        parse_parts(parts)

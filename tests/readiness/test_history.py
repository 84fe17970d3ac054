"""The burn-down and its forecast: a straight line, or why there is none."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from migrations.burn_down import (
    CLIENTS_OFF_V1,
    READY_FOR_V2,
    BurnDownDay,
    Forecast,
    build_burn_down,
    count_pending,
    make_forecast,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    cluster_id: str
    standing: str = "pending"
    verdict: str = "ready"
    contract: str = "main"
    clients: str = "not known"


@dataclass(frozen=True)
class Entry:
    at: datetime
    verdict: Said


def ago(days, *said):
    return [Entry(NOW - timedelta(days=days), each) for each in said]


def falling(*pending, every=1):
    """Return days up to today, with these numbers of pending clusters, `every` days apart."""
    last = NOW.date()
    return [
        BurnDownDay(last - timedelta(days=every * (len(pending) - 1 - index)), {"pending": number}, {})
        for index, number in enumerate(pending)
    ]


def looks(days):
    return [datetime(each.day.year, each.day.month, each.day.day, 12, tzinfo=UTC) for each in days]


def test_a_day_counts_what_was_last_said_of_each_cluster():
    entries = [
        *ago(3, Said("a"), Said("b", verdict="blocked")),
        *ago(1, Said("a", standing="visible in v2")),
        *ago(0, Said("b", standing="only in v2", verdict="")),
    ]

    found = build_burn_down(entries, NOW, 28)

    assert [each.day for each in found] == [date(2026, 11, day) for day in (20, 21, 22, 23)]
    assert [each.pending for each in found] == [2, 2, 1, 0]
    assert dict(found[0].verdicts) == {"ready": 1, "blocked": 1}
    assert dict(found[-1].standings) == {"visible in v2": 1, "only in v2": 1}
    assert dict(found[-1].verdicts) == {"ready": 1}


def test_the_first_day_asked_for_knows_what_was_said_before_it():
    found = build_burn_down(ago(100, Said("a")), NOW, 2)

    assert [(each.day.day, each.pending) for each in found] == [(22, 1), (23, 1)]


def test_without_an_entry_there_is_no_day():
    assert build_burn_down([], NOW, 28) == ()


def test_groups_count_only_what_is_pending():
    said = [Said("a"), Said("ab"), Said("b", standing="only in v2")]

    assert count_pending(said, lambda each: each.cluster_id[0]) == {"a": 2}


def test_a_region_that_did_not_respond_brings_no_cluster_nearer():
    silent = [*falling(9, 8, 7, 6, 5, 4, 3, 3)[:-1], BurnDownDay(NOW.date(), {"undetermined": 3}, {})]

    assert make_forecast(silent, looks(silent)).day is not None
    assert make_forecast(silent[-1:], looks(silent)).why != "no cluster is pending"


def test_a_probable_successor_is_not_pending_and_keeps_its_verdict():
    entries = ago(0, Said("a", standing="probable successor", verdict="blocked"))
    (day,) = build_burn_down(entries, NOW, 28)

    assert (day.pending, dict(day.verdicts)) == (0, {"blocked": 1})


def test_an_even_fall_reaches_zero_when_it_says():
    days = falling(*range(28, 0, -1))

    expected = make_forecast(days, looks(days))

    assert expected.day == NOW.date() + timedelta(days=1)
    assert expected.why == "7.0 clusters a week over the last 27 days"


def test_only_days_on_which_somebody_looked_count():
    days = falling(20, 20, 20, 20, 20, 20, 20, 20, 10, 10)

    expected = make_forecast(days, looks([days[0], days[8], days[9]]))

    assert expected.day is not None
    assert make_forecast(days, looks(days[:1])).day is None


@pytest.mark.parametrize(
    ("pending", "every", "why"),
    [
        ((), 1, "no run in"),
        ((9, 8), 7, "it needs runs on 3 different days"),
        ((9, 8, 7), 1, "it needs runs on 3 different days"),
        ((5, 3, 0), 7, "no cluster is pending"),
        ((5, 5, 5), 7, "is not going down"),
        ((5, 6, 7), 7, "is not going down"),
        ((10_000, 10_000, 9_999), 7, "more than three years"),
    ],
)
def test_what_cannot_be_told_has_a_reason(pending, every, why):
    days = falling(*pending, every=every)

    expected = make_forecast(days, looks(days))

    assert expected.day is None
    assert why in expected.why


def test_what_is_older_than_four_weeks_does_not_count():
    days = falling(*range(10, 42), *range(28, 0, -1))

    assert make_forecast(days, looks(days)) == make_forecast(days[-28:], looks(days))
    assert make_forecast(days, looks(days)).day is not None


def test_each_verdict_has_a_forecast_of_its_own():
    numbers = range(28, 0, -1)
    days = [
        replace(day, verdicts={"ready": 28 - left, "blocked": left}, clients={"not known": 28})
        for day, left in zip(falling(*[28] * 28), numbers, strict=True)
    ]

    assert make_forecast(days, looks(days), goal=READY_FOR_V2).day == NOW.date() + timedelta(days=1)
    assert make_forecast(days, looks(days), goal=CLIENTS_OFF_V1) == Forecast(
        None, "the number of clusters whose clients may still use v1 is not going down", 28, 0.0, NOW.date()
    )


def test_days_of_earlier_releases_say_nothing_of_clients():
    days = [replace(each, clients={"": 1}) for each in falling(*range(28, 0, -1))]
    days[-1] = replace(days[-1], clients={"still on v1": 2, "off v1": 1})

    assert days[0].on_v1 is None
    assert days[-1].on_v1 == 2
    assert make_forecast(days, looks(days), goal=CLIENTS_OFF_V1).why.startswith(
        "it needs runs on 3 different days"
    )


def test_a_forecast_says_how_many_are_left_on_a_day():
    days = falling(*range(28, 0, -1))
    expected = make_forecast(days, looks(days))

    assert [expected.left_on(NOW.date() + timedelta(days=ahead)) for ahead in (0, 1, 50)] == [1, 0, 0]
    assert make_forecast(days[:2], looks(days[:2])).left_on(NOW.date()) is None


def test_the_forecast_begins_when_the_newest_contract_came_in():
    days = falling(*range(28, 0, -1))
    entries = [*ago(27, Said("a")), *ago(4, Said("b", contract="new"))]

    assert make_forecast(days, looks(days), entries[:1]).day is not None
    assert make_forecast(days, looks(days), entries).why.endswith("days since contract new was added")

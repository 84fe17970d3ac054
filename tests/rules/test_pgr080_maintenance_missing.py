"""PGR080: the maintenance window is missing, or its day is none."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import MaintenanceWindow
from migrations.rules.pgr080_maintenance_missing import rule


def test_quiet_with_a_window():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(maintenance=MaintenanceWindow(day="Sunday", time="00:00:00")))


def test_fires_without_a_window():
    (seen,) = fires(rule, facts(maintenance=None)).evidence

    assert seen.field == "properties.maintenanceWindow"


@pytest.mark.parametrize(
    ("day", "time", "missing"),
    [
        (None, "04:00:00", ["dayOfTheWeek"]),
        ("Sunday", None, ["time"]),
        ("", "04:00:00", ["dayOfTheWeek"]),
        (None, None, ["dayOfTheWeek", "time"]),
    ],
)
def test_fires_on_half_a_window_and_names_what_is_missing(day, time, missing):
    verdict = fires(rule, facts(maintenance=MaintenanceWindow(day=day, time=time)))

    assert [each.field for each in verdict.evidence] == [
        f"properties.maintenanceWindow.{name}" for name in missing
    ]


@pytest.mark.parametrize("day", ["Montag", "monday", "1", "\u202eyadnoM"])
def test_inconclusive_from_a_day_that_is_none(day):
    window = MaintenanceWindow(day=day, time="04:00:00")

    assert repr(day) in inconclusive(rule, facts(maintenance=window)).why

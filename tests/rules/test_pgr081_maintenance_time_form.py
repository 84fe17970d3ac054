"""PGR081: the maintenance window's time is not written HH:MM:SS."""

import pytest
from rule_kit import FACTS, does_not_apply, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import MaintenanceWindow
from migrations.rules.pgr081_maintenance_time_form import rule


def at(time):
    return facts(maintenance=MaintenanceWindow(day="Sunday", time=time))


@pytest.mark.parametrize("time", ["00:00:00", "09:05:00", "19:30:59", "23:59:59"])
def test_quiet_on_every_time_of_day(time):
    assert is_quiet(rule, at(time))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize(
    "time",
    ["59459", "16:30", "4:00:00", "24:00:00", "23:60:00", "23:59:60", "16:30:59Z", "16:30:59\n", "٠٤:00:00"],
)
def test_fires_on_another_form_and_shows_it(time):
    assert fires(rule, at(time)).evidence[0].value == time


@pytest.mark.parametrize("given", [facts(maintenance=None), at(None), at("")])
def test_does_not_apply_without_a_time(given):
    assert does_not_apply(rule, given)


def test_inconclusive_when_v1_has_something_else_in_its_place():
    odd = facts(maintenance=None, oddities=("properties.maintenanceWindow: 'list' is not an object",))
    assert "properties.maintenanceWindow.time" in inconclusive(rule, odd).why

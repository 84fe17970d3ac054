"""PGR016: a number of instances outside 1 to 5."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr016_instances_out_of_range import rule


@pytest.mark.parametrize("instances", [1, 2, 5])
def test_quiet_from_1_to_5(instances):
    assert is_quiet(rule, facts(instances=instances))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize("instances", [-1, 0, 6])
def test_fires_outside_and_shows_the_number(instances):
    verdict = fires(rule, facts(instances=instances))

    assert verdict.evidence[0].value == f"{instances} instances"


def test_inconclusive_when_v1_does_not_say():
    assert "properties.instances" in inconclusive(rule, facts(instances=None)).why

"""PGR021: STRICTLY_SYNCHRONOUS with too few instances."""

import pytest
from rule_kit import FACTS, does_not_apply, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr021_strict_replication_too_few_instances import rule


@pytest.mark.parametrize("instances", [3, 4, 5])
def test_quiet_from_3_instances_on(instances):
    assert is_quiet(rule, facts(replication="STRICTLY_SYNCHRONOUS", instances=instances))


@pytest.mark.parametrize("instances", [1, None])
def test_applies_to_one_mode_alone_whatever_the_number(instances):
    assert does_not_apply(rule, facts(replication="ASYNCHRONOUS", instances=instances))
    assert does_not_apply(rule, FACTS)


@pytest.mark.parametrize("instances", [1, 2])
def test_fires_below_3_and_shows_mode_and_number(instances):
    verdict = fires(rule, facts(replication="STRICTLY_SYNCHRONOUS", instances=instances))

    assert [each.value for each in verdict.evidence] == ["STRICTLY_SYNCHRONOUS", str(instances)]


def test_inconclusive_without_the_mode_or_the_number():
    assert "synchronizationMode" in inconclusive(rule, facts(replication=None)).why
    assert "instances" in inconclusive(rule, facts(replication="STRICTLY_SYNCHRONOUS", instances=None)).why

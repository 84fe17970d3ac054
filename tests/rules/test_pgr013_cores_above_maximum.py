"""PGR013: more cores than v2's maximum."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr013_cores_above_maximum import rule


@pytest.mark.parametrize("cores", [1, 61, 62])
def test_quiet_up_to_62(cores):
    assert is_quiet(rule, facts(cores=cores))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize("cores", [63, 128])
def test_fires_above_62_and_says_what_is_not_known(cores):
    verdict = fires(rule, facts(cores=cores))

    assert verdict.evidence[0].value == f"{cores} cores per instance"
    assert "unknown" in verdict.why


def test_inconclusive_when_v1_does_not_say():
    assert "properties.cores" in inconclusive(rule, facts(cores=None)).why


@pytest.mark.parametrize("cores", [0, -1])
def test_inconclusive_from_a_number_that_no_cluster_has(cores):
    assert f"properties.cores in v1 is {cores}," in inconclusive(rule, facts(cores=cores)).why

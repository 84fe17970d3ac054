"""PGR014: storage below v2's minimum."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr014_storage_below_minimum import rule


@pytest.mark.parametrize("storage_mb", [10240, 10241, 2097152])
def test_quiet_from_10_gb_on(storage_mb):
    assert is_quiet(rule, facts(storage_mb=storage_mb))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize("storage_mb", [2048, 10239])
def test_fires_below_10_gb_and_says_what_is_not_known(storage_mb):
    verdict = fires(rule, facts(storage_mb=storage_mb))

    assert verdict.evidence[0].value == f"{storage_mb} MB"
    assert "unknown" in verdict.why


def test_inconclusive_when_v1_does_not_say():
    assert "properties.storageSize" in inconclusive(rule, facts(storage_mb=None)).why


@pytest.mark.parametrize("storage_mb", [0, -1])
def test_inconclusive_from_a_number_that_no_cluster_has(storage_mb):
    assert (
        f"properties.storageSize in v1 is {storage_mb} MB"
        in inconclusive(rule, facts(storage_mb=storage_mb)).why
    )

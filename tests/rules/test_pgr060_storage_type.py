"""PGR060: v2 has no storage type. It has something to say about every cluster whose type is known."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive

from migrations.rule import Severity
from migrations.rules.pgr060_storage_type import rule


@pytest.mark.parametrize("medium", ["SSD Premium", "SSD", "NVMe"])
def test_only_informs_of_fast_types_and_of_unknown_ones(medium):
    assert fires(rule, facts(storage_type=medium), severity=Severity.INFO).evidence[0].value == medium
    assert fires(rule, FACTS, severity=Severity.INFO)


@pytest.mark.parametrize("medium", ["HDD", "SSD Standard"])
def test_advises_on_slower_types(medium):
    assert fires(rule, facts(storage_type=medium), severity=Severity.ADVICE).evidence[0].value == medium


def test_says_that_the_effect_on_the_migration_is_not_known():
    assert (
        "own migration does with this type"
        in fires(rule, facts(storage_type="HDD"), severity=Severity.ADVICE).why
    )


def test_inconclusive_when_v1_does_not_say():
    assert "properties.storageType" in inconclusive(rule, facts(storage_type=None)).why

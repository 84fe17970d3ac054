"""PGR017: storage above v2's maximum."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr017_storage_above_maximum import rule


@pytest.mark.parametrize("storage_mb", [2048, 2097152, 4096 * 1024])
def test_quiet_up_to_4096_gb(storage_mb):
    assert is_quiet(rule, facts(storage_mb=storage_mb))
    assert is_quiet(rule, FACTS)


def test_fires_above_4096_gb_and_says_what_is_not_known():
    verdict = fires(rule, facts(storage_mb=4096 * 1024 + 1))

    assert verdict.evidence[0].value == "4194305 MB"
    assert "unknown" in verdict.why


def test_inconclusive_when_v1_does_not_say():
    assert "properties.storageSize" in inconclusive(rule, facts(storage_mb=None)).why

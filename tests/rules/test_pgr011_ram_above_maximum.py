"""PGR011: RAM above v2's maximum."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr011_ram_above_maximum import rule


@pytest.mark.parametrize("ram_mb", [2048, 4096, 245759, 245760])
def test_quiet_up_to_240_gb(ram_mb):
    assert is_quiet(rule, facts(ram_mb=ram_mb))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize("ram_mb", [245761, 246784])
def test_fires_above_240_gb_and_says_what_is_not_known(ram_mb):
    verdict = fires(rule, facts(ram_mb=ram_mb))

    assert verdict.evidence[0].value == f"{ram_mb} MB"
    assert "unknown" in verdict.why


def test_inconclusive_when_v1_does_not_say():
    assert "properties.ram" in inconclusive(rule, facts(ram_mb=None)).why

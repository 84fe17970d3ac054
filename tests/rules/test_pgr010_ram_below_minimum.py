"""PGR010: RAM below v2's minimum."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr010_ram_below_minimum import rule


@pytest.mark.parametrize("ram_mb", [4096, 8192, 245760])
def test_quiet_from_4_gb_on(ram_mb):
    assert is_quiet(rule, facts(ram_mb=ram_mb))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize("ram_mb", [2048, 3072, 4095])
def test_fires_below_4_gb_and_shows_the_value(ram_mb):
    verdict = fires(rule, facts(ram_mb=ram_mb))

    assert verdict.evidence[0].value == f"{ram_mb} MB"


def test_inconclusive_when_v1_does_not_say():
    assert "properties.ram" in inconclusive(rule, facts(ram_mb=None)).why


@pytest.mark.parametrize("ram_mb", [0, -1])
def test_inconclusive_from_a_number_that_no_cluster_has(ram_mb):
    assert f"properties.ram in v1 is {ram_mb} MB" in inconclusive(rule, facts(ram_mb=ram_mb)).why

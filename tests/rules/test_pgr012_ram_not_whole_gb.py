"""PGR012: RAM that is no whole number of GB."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr012_ram_not_whole_gb import rule


@pytest.mark.parametrize("ram_mb", [2048, 4096, 5120, 245760])
def test_quiet_on_whole_gb(ram_mb):
    assert is_quiet(rule, facts(ram_mb=ram_mb))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize(("ram_mb", "fitting"), [(4097, 5), (5119, 5), (5121, 6), (8000, 8)])
def test_fires_between_and_names_the_next_gb(ram_mb, fitting):
    verdict = fires(rule, facts(ram_mb=ram_mb))

    assert verdict.evidence[0].value == f"{ram_mb} MB"
    assert f"{fitting} GB" in verdict.why


def test_names_no_size_that_v1_would_refuse():
    assert " 4 GB" in fires(rule, facts(ram_mb=2500)).why


def test_inconclusive_when_v1_does_not_say():
    assert "properties.ram" in inconclusive(rule, facts(ram_mb=None)).why

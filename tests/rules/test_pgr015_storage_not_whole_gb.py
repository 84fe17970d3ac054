"""PGR015: storage that is no whole number of GB."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr015_storage_not_whole_gb import rule


@pytest.mark.parametrize("storage_mb", [2048, 10240, 11264, 2097152])
def test_quiet_on_whole_gb(storage_mb):
    assert is_quiet(rule, facts(storage_mb=storage_mb))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize(("storage_mb", "fitting"), [(30480, 30), (20481, 21), (21503, 21)])
def test_fires_between_and_names_the_next_gb(storage_mb, fitting):
    verdict = fires(rule, facts(storage_mb=storage_mb))

    assert verdict.evidence[0].value == f"{storage_mb} MB"
    assert f"{fitting} GB" in verdict.why


def test_says_what_is_not_known():
    assert "unknown" in fires(rule, facts(storage_mb=30480)).why


def test_names_no_size_that_v1_would_refuse():
    assert " 10 GB" in fires(rule, facts(storage_mb=5000)).why


def test_inconclusive_when_v1_does_not_say():
    assert "properties.storageSize" in inconclusive(rule, facts(storage_mb=None)).why

"""PGR032: PostgreSQL 13 and older."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr032_version_past_deadline import rule


@pytest.mark.parametrize("version", ["14", "14.2", "16", "100"])
def test_quiet_from_14_on(version):
    assert is_quiet(rule, facts(postgres_version=version))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize("version", ["13", "13.22", "12", "9.6"])
def test_fires_up_to_13_and_shows_the_version(version):
    verdict = fires(rule, facts(postgres_version=version))

    assert verdict.evidence[0].value == version


@pytest.mark.parametrize("version", ["", "latest", "-1", "¹³"])
def test_inconclusive_of_what_is_no_number(version):
    assert repr(version) in inconclusive(rule, facts(postgres_version=version)).why


def test_inconclusive_when_v1_does_not_say():
    assert "postgresVersion" in inconclusive(rule, facts(postgres_version=None)).why

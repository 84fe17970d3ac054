"""PGR030: v2 does not offer the version in the region."""

import pytest
from rule_kit import FACTS, MISSING, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr030_version_not_offered import rule


@pytest.mark.parametrize("version", ["15", "16", "17"])
def test_quiet_on_every_version_that_v2_lists(version):
    assert is_quiet(rule, facts(postgres_version=version))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize("version", ["14", "18", "1"])
def test_fires_on_one_that_it_does_not_list_and_shows_the_list(version):
    verdict = fires(rule, facts(postgres_version=version))

    assert [each.value for each in verdict.evidence] == [version, "15, 16, 17"]


def test_says_that_the_effect_on_the_migration_is_not_known():
    assert (
        "unknown how IONOS's own migration handles such a version"
        in fires(rule, facts(postgres_version="14")).why
    )


def test_inconclusive_without_the_versions_of_v2_or_of_the_cluster():
    assert inconclusive(rule, facts(v2_versions=MISSING)).why == MISSING.why
    assert "postgresVersion" in inconclusive(rule, facts(postgres_version=None)).why


def test_an_empty_list_is_no_proof_that_v2_offers_nothing():
    assert "empty" in inconclusive(rule, facts(v2_versions=())).why

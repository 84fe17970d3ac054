"""PGR031: v2 calls the version deprecated."""

from dataclasses import replace

from rule_kit import FACTS, MISSING, does_not_apply, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr031_version_deprecated import rule

OLD = replace(FACTS.v2_versions[0], name="14", status="DEPRECATED", can_upgrade_to=("15", "16"))


def test_quiet_on_a_supported_version():
    assert is_quiet(rule, FACTS)


def test_does_not_apply_to_a_version_that_v2_does_not_know():
    assert does_not_apply(rule, facts(postgres_version="12"))


def test_inconclusive_when_v2_does_not_say_the_status_or_lists_nothing():
    silent = tuple(replace(each, status=None) for each in FACTS.v2_versions)
    assert "properties.status of version 16" in inconclusive(rule, facts(v2_versions=silent)).why
    assert "empty" in inconclusive(rule, facts(v2_versions=())).why


def test_fires_on_a_deprecated_one_and_names_the_way_up():
    verdict = fires(rule, facts(postgres_version="14", v2_versions=(OLD,)))

    assert "15, 16" in verdict.why


def test_inconclusive_without_the_versions_of_v2_or_of_the_cluster():
    assert inconclusive(rule, facts(v2_versions=MISSING)).why == MISSING.why
    assert "postgresVersion" in inconclusive(rule, facts(postgres_version=None)).why

"""PGR031: v2 calls the version deprecated."""

from dataclasses import replace

from rule_kit import FACTS, MISSING, cannot_tell, facts, fires, is_quiet

from migrations.rules.pgr031_version_deprecated import rule

OLD = replace(FACTS.v2_versions[0], name="14", status="DEPRECATED", can_upgrade_to=("15", "16"))


def test_quiet_on_a_supported_version_and_on_one_that_v2_does_not_know():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(postgres_version="12"))


def test_fires_on_a_deprecated_one_and_names_the_way_up():
    verdict = fires(rule, facts(postgres_version="14", v2_versions=(OLD,)))

    assert "15, 16" in verdict.why


def test_cannot_tell_without_the_versions_of_v2_or_of_the_cluster():
    assert cannot_tell(rule, facts(v2_versions=MISSING)).why == MISSING.why
    assert "postgresVersion" in cannot_tell(rule, facts(postgres_version=None)).why

"""PGR033: v2 calls the version a beta."""

from dataclasses import replace

import pytest
from rule_kit import FACTS, MISSING, does_not_apply, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr033_version_beta import rule

NEW = replace(FACTS.v2_versions[0], name="18", status="BETA", can_upgrade_to=())


@pytest.mark.parametrize("status", ["SUPPORTED", "RECOMMENDED", "DEPRECATED", "RETIRED"])
def test_quiet_on_every_other_status(status):
    assert is_quiet(rule, facts(postgres_version="18", v2_versions=(replace(NEW, status=status),)))
    assert is_quiet(rule, FACTS)


def test_quiet_when_the_beta_is_another_version():
    assert is_quiet(rule, facts(v2_versions=(*FACTS.v2_versions, NEW)))


def test_does_not_apply_when_v2_does_not_know_the_clusters_version():
    assert does_not_apply(rule, facts(postgres_version="12", v2_versions=(NEW,)))


def test_fires_on_a_beta_and_shows_the_version():
    verdict = fires(rule, facts(postgres_version="18", v2_versions=(*FACTS.v2_versions, NEW)))

    assert verdict.evidence[0].value == "18 is BETA"


def test_inconclusive_without_the_versions_of_v2_or_of_the_cluster():
    assert inconclusive(rule, facts(v2_versions=MISSING)).why == MISSING.why
    assert "postgresVersion" in inconclusive(rule, facts(postgres_version=None)).why


def test_inconclusive_when_v2_does_not_say_the_status():
    silent = (replace(NEW, status=None),)

    assert "properties.status" in inconclusive(rule, facts(postgres_version="18", v2_versions=silent)).why

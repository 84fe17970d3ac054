"""PGR054: backups of an older major than the cluster's."""

from dataclasses import replace

import pytest
from rule_kit import FACTS, MISSING, does_not_apply, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr054_backups_of_older_major import rule


def made_with(*versions):
    return tuple(
        replace(FACTS.backups[0], id=f"backup-{number}", postgres_version=version)
        for number, version in enumerate(versions)
    )


@pytest.mark.parametrize("versions", [("16",), ("16.1", "16", "17")])
def test_quiet_when_all_are_of_the_clusters_major_or_a_newer_one(versions):
    assert is_quiet(rule, facts(postgres_version="16", backups=made_with(*versions)))
    assert is_quiet(rule, FACTS)


def test_does_not_apply_without_a_backup():
    assert does_not_apply(rule, facts(backups=()))


def test_compares_numbers_and_not_letters():
    assert is_quiet(rule, facts(postgres_version="9.6", backups=made_with("10")))
    assert fires(rule, facts(postgres_version="10", backups=made_with("9.6")))


def test_fires_on_older_ones_and_shows_only_those():
    verdict = fires(rule, facts(postgres_version="16", backups=made_with("15", "16", "14", None)))

    assert [each.value for each in verdict.evidence] == ["16", "15 of backup-0", "14 of backup-2"]


def test_the_order_of_the_answer_does_not_change_the_words():
    backups = made_with("15", "14")

    assert fires(rule, facts(backups=backups)) == fires(rule, facts(backups=backups[::-1]))


def test_inconclusive_without_the_backups_or_the_clusters_version():
    assert inconclusive(rule, facts(backups=MISSING)).why == MISSING.why
    assert (
        "does not include properties.postgresVersion" in inconclusive(rule, facts(postgres_version=None)).why
    )
    assert "'latest'" in inconclusive(rule, facts(postgres_version="latest")).why


@pytest.mark.parametrize("version", [None, "", "unknown"])
def test_inconclusive_when_no_older_one_is_seen_but_one_has_no_major(version):
    assert "backup-1" in inconclusive(rule, facts(backups=made_with("16", version))).why

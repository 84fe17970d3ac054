"""PGR050: v2 does not offer the backup location in the region."""

from dataclasses import replace

import pytest
from rule_kit import FACTS, MISSING, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr050_backup_location_not_offered import rule

OFFERED = (*FACTS.v2_locations, replace(FACTS.v2_locations[0], name="eu-central-4"))


@pytest.mark.parametrize("location", ["eu-central-3", "eu-central-4"])
def test_quiet_on_every_location_that_v2_lists(location):
    assert is_quiet(rule, facts(backup_location=location, v2_locations=OFFERED))
    assert is_quiet(rule, FACTS)


@pytest.mark.parametrize("location", ["de", "eu-south-2", "eu-central-2"])
def test_fires_on_one_that_it_does_not_list_and_shows_the_list(location):
    verdict = fires(rule, facts(backup_location=location, v2_locations=OFFERED))

    assert [each.value for each in verdict.evidence] == [location, "eu-central-3, eu-central-4"]


def test_says_that_the_effect_on_the_migration_is_not_known():
    assert (
        "unknown what IONOS's own migration does with backups" in fires(rule, facts(backup_location="de")).why
    )


def test_inconclusive_without_the_locations_of_v2_or_of_the_cluster():
    assert inconclusive(rule, facts(v2_locations=MISSING)).why == MISSING.why
    assert "properties.backupLocation" in inconclusive(rule, facts(backup_location=None)).why


def test_an_empty_list_is_no_proof_that_v2_offers_nothing():
    assert "empty" in inconclusive(rule, facts(v2_locations=())).why

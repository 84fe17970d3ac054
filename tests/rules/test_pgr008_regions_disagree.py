"""PGR008: the location and the DNS name state different regions."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr008_regions_disagree import rule


def test_quiet_where_they_agree():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(region="de/fra/2", dns_name="pg-1.postgresql.de-fra.ionos.com"))


def test_fires_where_they_differ_shows_both_and_says_which_counts():
    verdict = fires(rule, facts(region="fr/par"))

    assert [each.value for each in verdict.evidence] == ["fr/par", FACTS.cluster.dns_name]
    assert verdict.why == "The other rules use de/txl."


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"region": ""}, "location"),
        ({"region": "Berlin"}, "location"),
        ({"dns_name": None}, "dnsName"),
        ({"dns_name": "orders.example.com"}, "dnsName"),
    ],
)
def test_inconclusive_where_one_of_them_is_not_stated(changes, field):
    assert f"properties.{field}" in inconclusive(rule, facts(**changes)).why

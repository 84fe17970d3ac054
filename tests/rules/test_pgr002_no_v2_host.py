"""PGR002: a location without a v2 host."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr002_no_v2_host import rule


@pytest.mark.parametrize("region", ["de/txl", "de/fra", "de/fra/2", "us/ewr"])
def test_quiet_where_v2_has_a_host(region):
    assert is_quiet(rule, facts(region=region, dns_name=None))
    assert is_quiet(rule, FACTS)


def test_fires_where_it_has_none_and_names_the_location():
    verdict = fires(rule, facts(region="se/sto", dns_name=None))

    assert verdict.evidence[0].value == "se/sto"


@pytest.mark.parametrize("region", ["", "not stated", "Berlin"])
def test_inconclusive_without_a_location(region):
    assert "properties.location" in inconclusive(rule, facts(region=region, dns_name=None)).why


def test_a_dns_name_says_enough():
    assert is_quiet(rule, facts(region="not stated"))

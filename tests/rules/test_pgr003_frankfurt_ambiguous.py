"""PGR003: de/fra may be de/fra/2."""

from dataclasses import replace

import pytest
from rule_kit import READY, does_not_apply, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr003_frankfurt_ambiguous import rule

CONNECTION = READY.connections[0]


@pytest.mark.parametrize("region", ["de/txl", "fr/par"])
def test_applies_to_frankfurt_alone(region):
    assert does_not_apply(rule, facts(region=region, dns_name=None))


def test_quiet_where_v1_does_say_the_second_one():
    assert is_quiet(rule, facts(region="de/fra/2", dns_name=None))


def test_fires_on_de_fra_and_names_the_data_center_that_would_tell():
    verdict = fires(rule, facts(region="de/fra", dns_name=None))

    assert [each.field for each in verdict.evidence] == [
        "properties.location",
        "properties.connections[0].datacenterId",
    ]
    assert verdict.evidence[1].value == CONNECTION.datacenter_id


@pytest.mark.parametrize("connections", [(), (replace(CONNECTION, datacenter_id=None),)])
def test_fires_without_a_data_center_too(connections):
    verdict = fires(rule, facts(region="de/fra", dns_name=None, connections=connections))

    assert [each.value for each in verdict.evidence] == ["de/fra"]


@pytest.mark.parametrize("region", ["", "not stated"])
def test_inconclusive_without_a_location(region):
    assert "properties.location" in inconclusive(rule, facts(region=region, dns_name=None)).why

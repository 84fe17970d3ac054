"""PGR090: the DNS name is found in another place on v2. No quiet case: every cluster has one or says none."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive

from migrations.rules.pgr090_dns_name_moves import rule


def test_fires_on_every_name_and_shows_it():
    verdict = fires(rule, FACTS)

    assert verdict.evidence[0].value == "pg-3euh45am6idkppu3.postgresql.de-txl.ionos.com"
    assert "unknown" in verdict.why


@pytest.mark.parametrize("name", [None, ""])
def test_inconclusive_when_v1_does_not_say(name):
    assert "properties.dnsName" in inconclusive(rule, facts(dns_name=name)).why

"""PGR000: the vendor moves clusters, not client code."""

import pytest
from rule_kit import FACTS, ID, MISSING, facts, fires

from migrations.rule import Scope
from migrations.rules.pgr000_vendor_migrates import rule


def test_speaks_of_every_cluster_and_names_it():
    verdict = fires(rule, FACTS)

    assert ID in verdict.evidence[0].value
    assert rule.scope is Scope.GENERAL


def test_promises_no_date():
    assert "not published a date" in fires(rule, FACTS).why


@pytest.mark.parametrize(
    "changes", [{"state": "NOT STATED"}, {"region": "not stated"}, {"v2_cluster": MISSING}]
)
def test_needs_no_other_fact(changes):
    assert fires(rule, facts(**changes))

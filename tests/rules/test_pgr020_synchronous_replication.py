"""PGR020: replication mode SYNCHRONOUS."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr020_synchronous_replication import rule


@pytest.mark.parametrize("mode", ["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"])
def test_quiet_on_the_modes_that_v2_has(mode):
    assert is_quiet(rule, facts(replication=mode))
    assert is_quiet(rule, FACTS)


def test_fires_on_synchronous_and_says_that_ionos_changes_it():
    verdict = fires(rule, facts(replication="SYNCHRONOUS"))

    assert verdict.evidence[0].value == "SYNCHRONOUS"
    assert "4 May 2026" in verdict.why


def test_inconclusive_when_v1_does_not_say_or_says_a_word_that_nobody_knows():
    assert (
        "does not include properties.synchronizationMode" in inconclusive(rule, facts(replication=None)).why
    )
    assert "QUORUM" in inconclusive(rule, facts(replication="QUORUM")).why

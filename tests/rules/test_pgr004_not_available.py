"""PGR004: a state other than AVAILABLE."""

import pytest
from rule_kit import FACTS, facts, fires, inconclusive, is_quiet

from migrations.rule import Severity
from migrations.rules.pgr004_not_available import rule


def test_quiet_when_available():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(state="AVAILABLE"))


@pytest.mark.parametrize("state", ["BUSY", "DESTROYING"])
def test_blocks_while_a_passing_state_lasts(state):
    verdict = fires(rule, facts(state=state), severity=Severity.BLOCKER)

    assert verdict.evidence[0].value == state
    assert "blocked until that ends" in verdict.why


@pytest.mark.parametrize("state", ["FAILED", "DEGRADED", "UNKNOWN"])
def test_asks_for_action_on_a_troubled_one(state):
    verdict = fires(rule, facts(state=state), severity=Severity.ACTION)

    assert verdict.evidence[0].value == state


def test_one_reading_of_failed_is_not_final():
    assert "check more than once" in fires(rule, facts(state="FAILED"), severity=Severity.ACTION).why


def test_blocks_on_a_word_that_v1_does_not_publish_and_says_so():
    verdict = fires(rule, facts(state="HIBERNATING"), severity=Severity.BLOCKER)

    assert verdict.evidence[0].value == "HIBERNATING"
    assert "does not document this state" in verdict.why


def test_inconclusive_when_v1_does_not_say():
    assert "metadata.state" in inconclusive(rule, facts(state="NOT STATED")).why

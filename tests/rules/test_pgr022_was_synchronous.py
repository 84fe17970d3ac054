"""PGR022: whether a cluster was SYNCHRONOUS before is a question for people."""

import pytest
from rule_kit import does_not_apply, facts, inconclusive

from migrations.rules.pgr022_was_synchronous import rule


@pytest.mark.parametrize("mode", ["STRICTLY_SYNCHRONOUS", "SYNCHRONOUS"])
def test_does_not_apply_to_a_mode_that_cannot_be_what_ionos_changed_it_to(mode):
    assert does_not_apply(rule, facts(replication=mode, instances=3))


def test_does_not_apply_where_there_is_no_standby():
    assert does_not_apply(rule, facts(replication="ASYNCHRONOUS", instances=1))


@pytest.mark.parametrize("instances", [2, 3, 5, None])
def test_asks_on_an_asynchronous_cluster_that_may_have_a_standby(instances):
    verdict = inconclusive(rule, facts(replication="ASYNCHRONOUS", instances=instances))

    assert "SYNCHRONOUS before May 2026" in verdict.question


def test_asks_too_when_v1_does_not_say_the_mode_of_now():
    verdict = inconclusive(rule, facts(replication=None, instances=3))

    assert "synchronizationMode" in verdict.why
    assert verdict.question

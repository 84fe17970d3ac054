"""PGR001: v2 shows the cluster already."""

from dataclasses import replace

from rule_kit import FACTS, ID, MISSING, READY, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import Api
from migrations.rules.pgr001_visible_in_v2 import rule

TWIN = replace(READY, api=Api.V2, state="UPDATING")


def test_quiet_when_v2_says_that_there_is_none():
    assert is_quiet(rule, FACTS)
    assert is_quiet(rule, facts(v2_cluster=None))


def test_fires_on_a_cluster_of_the_same_id_and_shows_its_state():
    verdict = fires(rule, facts(v2_cluster=TWIN))

    assert [each.value for each in verdict.evidence] == [f"{ID} in de/txl", "UPDATING"]
    assert {each.call for each in verdict.evidence} == {"v2 GET /clusters/{id}"}


def test_never_calls_it_migrated():
    verdict = fires(rule, facts(v2_cluster=TWIN))

    assert "does not prove" in verdict.why
    assert "migrated" not in f"{rule.title} {verdict.why} {rule.remedy.text}".lower()


def test_inconclusive_when_v2_does_not_answer():
    assert inconclusive(rule, facts(v2_cluster=MISSING)).why == MISSING.why

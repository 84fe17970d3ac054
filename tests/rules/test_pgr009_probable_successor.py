"""PGR009: v2 shows a probable successor."""

from dataclasses import replace

from rule_kit import FACTS, MISSING, READY, does_not_apply, facts, fires, inconclusive, is_quiet

from bot.domain.cluster import Api
from migrations.rules.pgr009_probable_successor import rule

IN_V2 = replace(READY, api=Api.V2)
SUCCESSOR = replace(IN_V2, id="0b41a0de-0000-4000-8000-000000000001", name="orders-new")


def test_quiet_when_v2_shows_nothing_of_it():
    assert is_quiet(rule, FACTS)


def test_does_not_apply_to_one_that_is_visible_itself():
    assert does_not_apply(rule, facts(v2_cluster=IN_V2))


def test_fires_and_names_the_successor():
    verdict = fires(rule, facts(v2_successor=SUCCESSOR))

    assert [each.value for each in verdict.evidence] == [f"{SUCCESSOR.id} in de/txl", "orders-new"]


def test_inconclusive_when_v2_does_not_answer():
    assert inconclusive(rule, facts(v2_cluster=MISSING)).why == MISSING.why

"""PGR041: two clusters of one name in a region."""

from dataclasses import replace

from rule_kit import FACTS, MISSING, READY, facts, fires, inconclusive, is_quiet

from migrations.rules.pgr041_name_used_twice import rule

TWIN = replace(READY, id="b0000000-0000-4000-8000-000000000001")
TRIPLET = replace(READY, id="a0000000-0000-4000-8000-000000000002")


def test_quiet_without_a_namesake():
    assert is_quiet(rule, FACTS)


def test_fires_on_one_and_says_which():
    verdict = fires(rule, facts(namesakes=(TWIN,)))

    assert verdict.evidence[0].value == f'"orders-prod" is also the name of {TWIN.id}'


def test_the_order_of_the_answer_does_not_change_the_words():
    assert fires(rule, facts(namesakes=(TWIN, TRIPLET))) == fires(rule, facts(namesakes=(TRIPLET, TWIN)))


def test_inconclusive_without_the_other_clusters_or_the_name():
    assert inconclusive(rule, facts(namesakes=MISSING)).why == MISSING.why
    assert "displayName" in inconclusive(rule, facts(name="", namesakes=(TWIN,))).why

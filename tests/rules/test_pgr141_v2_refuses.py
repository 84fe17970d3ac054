"""PGR141: v2 answers 401 or 403."""

import pytest
from rule_kit import FACTS, MISSING, facts, fires, inconclusive, is_quiet

from migrations.facts import NOT_FETCHED, MissingFact
from migrations.rules.pgr141_v2_refuses import rule

NOTHING = {"v2_versions": NOT_FETCHED, "v2_locations": NOT_FETCHED, "v2_cluster": NOT_FETCHED}


def test_quiet_when_v2_answered():
    assert is_quiet(rule, FACTS)


def test_quiet_when_v2_answered_all_that_was_asked():
    assert is_quiet(rule, facts(v2_locations=NOT_FETCHED))


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("fact", "call"),
    [
        ("v2_versions", "v2 GET /versions"),
        ("v2_locations", "v2 GET /backup-locations"),
        ("v2_cluster", "v2 GET /clusters/{id}"),
    ],
)
def test_fires_on_a_refusal_and_says_what_is_not_known(status, fact, call):
    refusal = MissingFact(f"v2 de/txl answered {status}")

    verdict = fires(rule, facts(**{fact: refusal}))

    (seen,) = verdict.evidence
    assert (seen.field, seen.value, seen.call) == ("httpStatus", refusal.why, call)
    assert call in verdict.why


def test_names_every_call_that_was_refused_and_no_other():
    refusal = MissingFact("v2 de/txl answered 403")

    verdict = fires(rule, facts(v2_versions=refusal, v2_cluster=refusal, v2_locations=MISSING))

    assert verdict.why == "Refused: v2 GET /versions, v2 GET /clusters/{id}."


@pytest.mark.parametrize(
    "why", ["v2 de/txl did not answer", "v2 de/txl answered 503", "silent for 4010 ms", "silent for 9403 ms"]
)
def test_inconclusive_when_a_call_failed_in_another_way(why):
    assert inconclusive(rule, facts(v2_cluster=MissingFact(why))).why == why


def test_inconclusive_when_v2_was_not_asked_at_all():
    assert inconclusive(rule, facts(**NOTHING)).why == NOT_FETCHED.why
    assert inconclusive(rule, facts(**NOTHING | {"v2_cluster": MISSING})).why == MISSING.why

"""The verdict on a cluster and on a fleet: its causes, and its order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rule_kit import FACTS, NOW, READY

from bot.domain.cluster import Gap
from bot.domain.migration_records import Waiver
from migrations.collect import CollectedFacts
from migrations.custom_rules import shipped_rules
from migrations.readiness import Readiness, assess_fleet
from migrations.rule import (
    QUIET,
    Basis,
    Found,
    Inconclusive,
    NotApplicable,
    Remedy,
    Rule,
    RuleEvidence,
    Scope,
    Severity,
)
from migrations.v2_presence import PresenceState, V2Presence

SEEN = (RuleEvidence(field="properties.ram", value="2048 MB"),)
PENDING = V2Presence(PresenceState.PENDING, "not visible in v2")


def rule(number, severity, verdict, scope=Scope.CLUSTER):
    made = Rule(
        module=f"x.pgr{number:03}_made_up",
        title="made up",
        severity=severity,
        basis=Basis.INFERRED,
        source="this test",
        remedy=Remedy(text="Do something."),
        scope=scope,
    )
    made.check(lambda _facts: verdict)
    return made


def report(*rules, waivers=(), gaps=(), facts=FACTS, where=PENDING):
    return assess_fleet(CollectedFacts(facts=((facts, where),), gaps=gaps), rules, NOW, waivers)


def readiness(*rules, **more):
    return report(*rules, **more).assessments[0].readiness


@pytest.mark.parametrize(
    ("verdict", "severity", "expected"),
    [
        (QUIET, Severity.BLOCKER, Readiness.READY),
        (Found(SEEN), Severity.BLOCKER, Readiness.BLOCKED),
        (Found(SEEN), Severity.ACTION, Readiness.NEEDS_WORK),
        (Found(SEEN), Severity.ADVICE, Readiness.READY),
        (Found(SEEN), Severity.INFO, Readiness.READY),
        (Found(SEEN, severity=Severity.BLOCKER), Severity.INFO, Readiness.BLOCKED),
        (Inconclusive("it did not answer"), Severity.BLOCKER, Readiness.INCONCLUSIVE),
        (Inconclusive("it did not answer"), Severity.ACTION, Readiness.INCONCLUSIVE),
        (Inconclusive("it did not answer"), Severity.ADVICE, Readiness.READY),
        (Inconclusive("it did not answer"), Severity.INFO, Readiness.READY),
        (Inconclusive("no API has it", question="Was it?"), Severity.BLOCKER, Readiness.READY),
        (NotApplicable("there is no pooler"), Severity.BLOCKER, Readiness.READY),
    ],
)
def test_one_rule_makes_the_verdict(verdict, severity, expected):
    assert readiness(rule(1, severity, verdict)) is expected


def test_a_tidy_cluster_is_ready_without_any_waiver():
    """With users and databases, which leave the API for every cluster."""
    (judged,) = report(*shipped_rules()).assessments

    assert {finding.rule.id for finding in judged.findings} >= {"PGR100", "PGR103"}
    assert judged.readiness is Readiness.READY


def test_what_is_known_to_be_bad_outweighs_what_is_not_known():
    unknown = rule(1, Severity.ACTION, Inconclusive("it did not answer"))

    assert readiness(unknown, rule(2, Severity.ACTION, Found(SEEN))) is Readiness.NEEDS_WORK
    assert (
        readiness(unknown, rule(2, Severity.ACTION, Found(SEEN)), rule(3, Severity.BLOCKER, Found(SEEN)))
        is Readiness.BLOCKED
    )


@pytest.mark.parametrize(
    ("waiver", "expected"),
    [
        (("PGR001", READY.id, timedelta(days=1)), Readiness.READY),
        (("PGR001", "*", timedelta(days=1)), Readiness.READY),
        (("PGR001", READY.id, timedelta(0)), Readiness.BLOCKED),
        (("PGR002", READY.id, timedelta(days=1)), Readiness.BLOCKED),
        (("PGR001", "another", timedelta(days=1)), Readiness.BLOCKED),
    ],
)
def test_a_waiver_holds_for_its_rule_and_cluster_until_its_day(waiver, expected):
    number, cluster, ahead = waiver
    given = Waiver(rule=number, cluster=cluster, until=NOW + ahead, owner="@bob", reason="known")
    made = report(rule(1, Severity.BLOCKER, Found(SEEN)), waivers=[given])

    assert made.assessments[0].readiness is expected
    assert len(made.assessments[0].findings) == 1
    assert made.worst_at_least(Severity.BLOCKER) is (expected is Readiness.BLOCKED)


def test_findings_come_worst_first_and_the_cluster_before_its_users():
    made = report(
        rule(1, Severity.INFO, Found(SEEN)),
        rule(2, Severity.ACTION, Found(SEEN), Scope.DATABASE),
        rule(3, Severity.ACTION, Found(SEEN)),
        rule(4, Severity.BLOCKER, Found(SEEN)),
    )

    [assessment] = made.assessments
    assert [each.rule.id for each in assessment.findings] == ["PGR004", "PGR003", "PGR002", "PGR001"]
    assert assessment.worst.rule.id == "PGR004"


@pytest.mark.parametrize(
    ("severity", "reached"),
    [(Severity.BLOCKER, False), (Severity.ACTION, True), (Severity.ADVICE, True), (Severity.INFO, True)],
)
def test_a_threshold_is_reached_by_what_is_as_bad_or_worse(severity, reached):
    assert report(rule(1, Severity.ACTION, Found(SEEN))).worst_at_least(severity) is reached


def test_the_coverage_says_what_was_not_looked_at():
    gap = Gap(where="v2 fr/par", why="503")
    undetermined = V2Presence(PresenceState.UNDETERMINED, str(gap))
    made = report(
        rule(1, Severity.INFO, Inconclusive("503")),
        rule(2, Severity.INFO, QUIET),
        rule(3, Severity.BLOCKER, NotApplicable("there is no pooler")),
        gaps=(gap,),
        where=undetermined,
    )

    assert made.coverage == (
        "1 cluster × 3 rules checked. 1 check was inconclusive because data is missing. 1 check does not "
        "apply. 1 cluster is undetermined. 1 endpoint did not respond completely."
    )


def test_nothing_to_check_is_said_to_be_nothing():
    made = assess_fleet(CollectedFacts(facts=(), gaps=()), [rule(1, Severity.INFO, QUIET)], NOW)

    assert made.coverage == "0 clusters × 1 rule checked. All endpoints answered."
    assert not made.worst_at_least(Severity.INFO)


def test_the_same_facts_give_the_same_report():
    rules = [rule(2, Severity.ACTION, Found(SEEN)), rule(1, Severity.ACTION, Found(SEEN))]
    other = replace(FACTS, cluster=replace(READY, name="another"))

    first = assess_fleet(CollectedFacts(facts=((FACTS, PENDING), (other, PENDING)), gaps=()), rules, NOW)
    second = assess_fleet(CollectedFacts(facts=((FACTS, PENDING), (other, PENDING)), gaps=()), rules, NOW)
    assert first == second


def test_people_are_asked_the_same_only_once():
    asking = Inconclusive("there is no precheck", "Can somebody run it?")
    rules = [rule(n, Severity.BLOCKER, asking) for n in (1, 2)]
    rules += [rule(3, Severity.BLOCKER, replace(asking, why="it is old")), rule(4, Severity.INFO, QUIET)]

    (assessment,) = report(*rules).assessments

    assert [each.rule.id for each in assessment.questions] == ["PGR001", "PGR003"]
    assert assessment.readiness is Readiness.READY
    lacking = report(*(rule(n, Severity.INFO, Inconclusive("it did not answer")) for n in (1, 2)))
    assert len(lacking.assessments[0].questions) == 2

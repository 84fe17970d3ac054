"""The effect of a change on the move to v2: what the rules say before it and after it, and nothing else."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from random_clusters import any_clusters
from rule_kit import READY

from bot.domain.cluster import Api, Backup
from bot.domain.migration_records import Waiver
from migrations.change_effect import PASSING, compare_readiness, is_pending
from migrations.collect import CollectedFacts
from migrations.custom_rules import shipped_rules
from migrations.facts import ClusterFacts
from migrations.readiness import RANK, assess_fleet
from migrations.rule import QUIET, Basis, Found, Remedy, Rule, RuleEvidence, Severity
from migrations.v2_presence import PresenceState, V2Presence

RULES = shipped_rules()
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
PRESENCE = V2Presence(state=PresenceState.UNDETERMINED, how="nobody looked")


def at_hand(cluster):
    """Return the facts that a plan has of a cluster."""
    return ClusterFacts(cluster=cluster, read_at=NOW)


def effect(before, rules=RULES, waivers=None, **changes):
    after = replace(before, **changes)
    return compare_readiness(at_hand(before), at_hand(after), rules, waivers or {})


def said(found):
    """Return the sentences of an effect."""
    return found.warnings, (*found.notes, *found.asides)


def moved_to(address):
    return (replace(READY.connections[0], address=address),)


def test_a_change_that_blocks_the_move_says_so_with_its_rule():
    found = effect(READY, connections=moved_to("10.208.1.1/24"))

    assert found.warnings == (
        "This blocks the cluster's move to v2: The primary's address is inside 10.208.0.0/12, which v2 "
        "forbids (PGR006).",
    )


def test_a_second_blocker_is_called_one():
    blocked = replace(READY, connections=moved_to("10.208.1.1/24"))

    [warning] = effect(blocked, ram_mb=300 * 1024).warnings
    assert warning.startswith("This adds a blocker for v2: RAM is above")


def test_a_change_that_resolves_a_finding_says_so():
    small = replace(READY, ram_mb=2048)

    found = effect(small, ram_mb=4096)

    assert said(found) == (
        (),
        ("This resolves PGR010 for the move to v2: RAM is below v2's minimum of 4 GB.",),
    )
    assert [(each.rule, each.before, each.after) for each in found.readiness.rules] == [
        ("PGR010", "action", None)
    ]


def test_a_finding_that_becomes_less_severe_is_eased():
    failed = replace(READY, state="DESTROYING")

    assert said(effect(failed, state="FAILED")) == (
        (),
        ("This eases PGR004 for the move to v2 from blocker to action: The cluster is not AVAILABLE.",),
    )


def test_a_finding_that_ends_by_itself_says_when_and_is_no_warning():
    old = Backup(
        id="b-1", api=Api.V1, contract="shop", cluster_id=READY.id, is_active=True, earliest_target=NOW
    )
    facts = at_hand(READY)
    found = compare_readiness(
        replace(facts, backups=(old,)),
        replace(facts, backups=(replace(old, earliest_target=None),)),
        [each for each in RULES if each.id in PASSING],
        {},
    )

    assert said(found) == (
        (),
        (
            "This temporarily adds work before the move to v2: The current backup is missing or not yet "
            "complete (PGR052), until the first base backup is there, about a minute after the cluster is "
            "AVAILABLE.",
        ),
    )
    assert (found.readiness.before, found.readiness.after) == ("ready", "needs work")


def test_a_cluster_that_is_deleted_takes_its_findings_with_it():
    waiver = Waiver("PGR011", READY.id, NOW + timedelta(days=9), "U0ALICE", "planned")
    doomed = replace(READY, ram_mb=300 * 1024, connections=moved_to("10.208.1.1/24"))
    found = compare_readiness(at_hand(doomed), None, RULES, {"PGR011": waiver})

    assert said(found) == (
        (),
        ("The cluster then no longer has to move to v2. Today it is blocked: PGR006.",),
    )
    assert (found.readiness.before, found.readiness.after) == ("blocked", None)
    by_rule = {each.rule: each for each in found.readiness.rules}
    assert by_rule["PGR006"].before == by_rule["PGR011"].before == "blocker"
    assert by_rule["PGR011"].waived_until == waiver.until


def test_a_deleted_cluster_without_findings_is_simply_off_the_list():
    [note] = compare_readiness(at_hand(READY), None, RULES, {}).notes

    assert note == "The cluster then no longer has to move to v2."


def test_no_effect_is_not_said():
    assert said(effect(READY, cores=8)) == ((), ())
    assert effect(READY, cores=8).readiness.rules == ()


def test_what_is_not_known_afterwards_is_not_called_resolved():
    found = effect(replace(READY, ram_mb=2048), ram_mb=None)

    assert said(found) == ((), ())
    assert found.readiness.rules == ()
    assert "PGR010" in found.readiness.undecided


def test_what_was_not_known_before_is_not_called_an_effect():
    found = effect(replace(READY, ram_mb=None), ram_mb=2048)

    assert said(found) == ((), ())
    assert found.readiness.rules == ()


def test_a_waived_finding_is_a_note():
    waiver = Waiver("PGR011", READY.id, NOW + timedelta(days=9), "U0ALICE", "planned")
    found = effect(READY, waivers={"PGR011": waiver}, ram_mb=300 * 1024)

    assert found.warnings == ()
    assert found.notes[0].startswith("For the move to v2, waived until 2026-12-02: RAM is above")


def test_a_new_cluster_is_told_what_blocks_it_and_nothing_that_holds_for_every_cluster():
    cluster = replace(READY, connections=moved_to("10.208.1.1/24"))
    found = compare_readiness(None, at_hand(cluster), RULES, {})

    assert [warning[-8:] for warning in found.warnings] == ["PGR006)."]
    assert found.notes == ("This adds a cluster that has to move to v2.",)


def test_a_cluster_of_v2_has_no_such_effect():
    assert is_pending(READY)
    assert not is_pending(replace(READY, api=Api.V2))


def test_a_rule_of_ones_own_counts():
    own = Rule(
        module="own_rules.pgx001_cores",
        title="More cores than the team pays for",
        severity=Severity.ACTION,
        basis=Basis.INFERRED,
        source="our wiki",
        remedy=Remedy(text="Scale down."),
    )
    seen = Found((RuleEvidence(field="properties.cores", value="32 cores"),))
    own.check(lambda facts: seen if (facts.cluster.cores or 0) > 16 else QUIET)

    assert "PGX001" in effect(replace(READY, cores=4), rules=(own,), cores=32).warnings[0]


CHANGES = [
    {name: value}
    for name, values in {
        "ram_mb": [2048, 4096, 5000, 300 * 1024],
        "storage_mb": [2048, 10_240, 30_480],
        "cores": [62, 63],
        "instances": [1, 2, 3],
        "name": ["orders", "_x", "a b"],
        "replication": ["ASYNCHRONOUS", "STRICTLY_SYNCHRONOUS"],
        "pooler": ["disabled", "transaction"],
        "postgres_version": ["12", "17"],
        "maintenance": [READY.maintenance],
        "connections": [(), moved_to("10.208.0.9/24"), moved_to("192.168.1.4/24")],
    }.items()
    for value in values
]


def assess(cluster):
    """Return one cluster's findings by rule, and the rules that nothing is claimed of."""
    collected = CollectedFacts(facts=((at_hand(cluster), PRESENCE),), gaps=())
    [found] = assess_fleet(collected, RULES, NOW).assessments
    severities = {each.rule.id: each.severity for each in found.findings}
    return severities, {each.rule.id for each in found.questions}


@settings(max_examples=40, deadline=None)
@given(any_clusters())
def test_rules_and_plan_agree_on_a_thousand_changes(cluster):
    before, unsure = assess(cluster)
    for changes in CHANGES:
        after, unsure_then = assess(replace(cluster, **changes))
        known = {each.id for each in RULES} - unsure - unsure_then
        both = after.keys() & before.keys()
        worse = {rule for rule in both if RANK[after[rule]] < RANK[before[rule]]}
        eased = known & {rule for rule in both if RANK[after[rule]] > RANK[before[rule]]}
        added = known & ((after.keys() - before.keys()) | worse)
        urgent = {rule for rule in added if after[rule] in (Severity.BLOCKER, Severity.ACTION)}
        resolved = known & (before.keys() - after.keys())

        found = effect(cluster, **changes)

        assert {re.search(r"\((PGR\d+)\)\.$", each)[1] for each in found.warnings} == urgent
        assert {re.search(r"PGR\d+", each)[0] for each in found.notes} == (added - urgent) | resolved | eased
        assert {(each.rule, each.before, each.after) for each in found.readiness.rules} == {
            (rule, before.get(rule), after.get(rule)) for rule in added | resolved | eased
        }
        if any(each.startswith("This blocks the cluster's move") for each in found.warnings):
            assert Severity.BLOCKER in set(after.values()) - set(before.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_claims_anything_of_facts_that_a_plan_lacks(rule):
    if rule.needs:
        found = effect(READY, rules=(rule,), name="other", postgres_version="12")

        assert said(found) == ((), ())
        assert found.readiness.rules == ()

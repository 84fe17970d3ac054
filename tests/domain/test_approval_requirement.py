"""Required approvals of a change: rules of app.yaml, defaults by harm, floors, change freezes and owners."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import ValidationError
from quorum_kit import most_approvals
from stored_changes import StoredChanges

from bot.access.policy import Policy
from bot.changes.record import DecisionKind, Vote
from bot.domain.approval_requirement import (
    ApprovalCondition,
    ApprovalRequirement,
    ChangeFreeze,
    RequirementKind,
)
from bot.domain.cluster import Api
from bot.domain.plan import Harm, Plan, PlanTarget
from bot.domain.request import AccountStatus, Actor, Origin
from bot.settings.model import Settings

of = ApprovalRequirement.of
CONFIRM = ApprovalCondition(kind=RequirementKind.CONFIRM, rule="a")
NAME = ApprovalCondition(kind=RequirementKind.NAME, rule="b")
ROOM = StoredChanges(Path())
PLAN = Plan(
    command="cluster delete",
    arguments={},
    target=PlanTarget(id="1", name="orders-prod", api=Api.V1, contract="shop", region="de/txl"),
    action="Delete orders-prod",
    harm=Harm.DESTRUCTIVE,
)
PEOPLE = {"dba": ["U1", "S1"], "team-a": ["U2"]}


def make_policy(**sections) -> Policy:
    return Policy(Settings.model_validate({"people": PEOPLE, **sections}))


def make_rules_policy(*given) -> Policy:
    tags = [{"match": {"name": "*-prod"}, "tier": "prod", "owner": "@team-a"}]
    return make_policy(clusters=tags, approvals={"rules": list(given)})


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        (Harm.MILD, RequirementKind.CONFIRM),
        (Harm.NOTICED, RequirementKind.CONFIRM),
        (Harm.DESTRUCTIVE, RequirementKind.NAME),
    ],
)
def test_without_rules_the_harm_decides(harm, kind):
    assert make_policy().need(PLAN.model_copy(update={"harm": harm})).kind is kind


def test_the_first_rule_that_fits_decides():
    given = make_rules_policy(
        {"changes": ["restore"], "roles": {"dba": 1}},
        {"changes": ["cluster *"], "clusters": [{"tier": "prod"}], "roles": {"dba": 2, "owner": 1}},
        {"changes": ["*"], "need": "none"},
    )

    need = given.need(PLAN)
    assert (need.words(), need.rule) == ("2 DBA approvals and 1 owner approval", "approval rule 2")
    elsewhere = PLAN.model_copy(update={"target": PLAN.target.model_copy(update={"name": "scratch"})})
    assert given.need(elsewhere).kind is RequirementKind.NONE


@pytest.mark.parametrize("kind", list(RequirementKind))
def test_a_plan_can_ask_for_more_and_never_for_less(kind):
    given = make_rules_policy({"changes": ["*"], "need": "confirm"})

    need = given.need(PLAN.model_copy(update={"floor": kind}))
    assert need.kind is max(kind, RequirementKind.CONFIRM, key=lambda each: each.weight)


def make_actor(member="", groups=(), **more):
    return Actor(origin=Origin.SLACK, id=member, groups=frozenset(groups), **more)


@pytest.mark.parametrize(
    ("who", "roles"),
    [
        (make_actor("U1"), {"dba", "everyone"}),
        (make_actor("U9", ["S1"]), {"dba", "everyone"}),
        (make_actor("U2"), {"team-a", "owner", "everyone"}),
        (make_actor("U1", standing=AccountStatus.GUEST), {"dba"}),
        (make_actor("U9"), {"everyone"}),
        (Actor(origin=Origin.TERMINAL, id="bob", person="U1"), {"dba", "everyone"}),
        (Actor(origin=Origin.TERMINAL, id="U1"), {"everyone"}),
    ],
)
def test_roles_for_a_cluster(who, roles):
    assert make_rules_policy().roles_for(who, PLAN.target.as_cluster()) == roles


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"changes": ["*"]}, "roles works only with need: approval"),
        ({"changes": ["*"], "need": "confirm", "roles": {"dba": 1}}, "roles works only with need: approval"),
        ({"changes": ["*"], "roles": {"nobody": 1}}, "uses the role nobody, which is not under people"),
        ({"changes": ["*"], "roles": {"dba": 1}, "break_glass": ["boss"]}, "uses the role boss"),
        ({"changes": ["*"], "roles": {"dba": 1}, "expires": "soon"}, "such as 24h or 3d"),
        ({"changes": ["*"], "roles": {"dba": 1}, "extra_loss": "10s"}, "at least a minute"),
        ({"changes": ["*"], "roles": {"dba": 1}, "valid_for": "30s"}, "at least a minute"),
        ({"changes": ["*"], "roles": {"dba": 0}}, "greater than or equal to 1"),
        ({"changes": []}, "at least 1 item"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule, words):
    with pytest.raises(ValidationError, match=words):
        make_rules_policy(rule)


def test_the_version_changes_with_the_rules_and_with_nothing_else():
    assert make_rules_policy().version == make_rules_policy().version
    assert make_rules_policy().version != make_rules_policy({"changes": ["*"], "need": "none"}).version


BERLIN = ChangeFreeze.model_validate({"days": ["fri"], "from": "16:00", "zone": "Europe/Berlin"})


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (datetime(2026, 11, 20, 14, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), datetime(2026, 11, 20, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 20, 22, 59, tzinfo=UTC), datetime(2026, 11, 20, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), None),
    ],
)
def test_a_freeze_is_in_force_in_its_own_zone(at, until):
    assert of(ApprovalCondition(freeze=(BERLIN,))).frozen_until(at) == until


def test_a_freeze_over_midnight_is_two():
    with pytest.raises(ValidationError, match="over midnight"):
        ChangeFreeze.model_validate({"from": "22:00", "to": "06:00"})


TWO, OWNER = (
    ApprovalCondition(kind=RequirementKind.APPROVAL, roles={"dba": 2}, rule="approval rule 2"),
    ApprovalCondition(
        kind=RequirementKind.APPROVAL, roles={"owner": 1}, own_vote=True, rule="approval rule 3"
    ),
)
FULL = ApprovalCondition(
    kind=RequirementKind.APPROVAL, roles={"dba": 2}, expires=timedelta(hours=3), freeze=(BERLIN,)
)


@pytest.mark.parametrize("need", [of(FULL), of(TWO, OWNER), of(FULL, OWNER)])
def test_a_requirement_survives_being_stored(need):
    assert ApprovalRequirement.model_validate_json(need.model_dump_json()) == need


def test_one_condition_is_stored_as_earlier_releases_stored_a_requirement():
    stored = '{"kind":"approval","roles":{"dba":2},"expires":"P1D","reason":false,"rule":"approval rule 1"}'
    need = ApprovalRequirement.model_validate_json(stored)

    assert need.model_dump_json(exclude_unset=True) == stored
    assert need.requester_may_break_glass  # as it was then
    assert {*need.model_dump()} == {*ApprovalCondition.model_fields}


@pytest.mark.parametrize(
    ("one", "other", "words", "rule"),
    [
        (CONFIRM, NAME, "a confirmation with the cluster's name", "b"),
        (NAME, TWO, "2 DBA approvals", "approval rule 2"),
        (OWNER, TWO, "1 owner approval, and 2 DBA approvals", "approval rule 3; approval rule 2"),
        (TWO, TWO.model_copy(update={"rule": "c"}), "2 DBA approvals", "approval rule 2"),
        (TWO, TWO.model_copy(update={"roles": {"dba": 3}, "rule": "c"}), "3 DBA approvals", "c"),
        (OWNER, OWNER.model_copy(update={"own_vote": False, "rule": "c"}), "1 owner approval", "c"),
    ],
)
def test_of_two_conditions_both_hold_and_what_one_implies_is_said_once(one, other, words, rule):
    need = of(one).union(of(other))

    assert (need.words(), need.rule) == (words, rule)


def test_what_a_lower_condition_demands_besides_stays():
    lower = ApprovalCondition(
        kind=RequirementKind.NAME, reason=True, freeze=(BERLIN,), expires=timedelta(hours=2), rule="c"
    )
    both = of(lower, TWO)

    assert (both.freeze, both.expires) == ((BERLIN,), timedelta(hours=2))
    assert [each.rule for each in both.conditions if each.reason] == ["c"]
    assert (both.words(), both.rule) == ("2 DBA approvals", "approval rule 2")


def test_break_glass_is_for_those_whom_every_rule_lets():
    both = of(
        TWO.model_copy(update={"break_glass": ("dba", "boss")}),
        OWNER.model_copy(update={"break_glass": ("boss", "owner"), "break_glass_by": "another"}),
        NAME,
    )

    assert (both.break_glass, both.requester_may_break_glass) == (("boss",), False)


ROLES = st.sampled_from(["dba", "owner", "dev"])
LIMITS = st.sampled_from([None, timedelta(minutes=10), timedelta(hours=48)])
CONDITIONS = st.builds(
    ApprovalCondition,
    kind=st.sampled_from(RequirementKind),
    roles=st.dictionaries(ROLES, st.integers(1, 2), min_size=1),
    expires=st.sampled_from([timedelta(hours=1), timedelta(hours=24)]),
    reason=st.booleans(),
    own_vote=st.booleans(),
    freeze=st.sampled_from([(), (BERLIN,), (ChangeFreeze(),), (ChangeFreeze(), BERLIN)]),
    break_glass=st.sampled_from([(), ("dba",), ("owner", "dba")]),
    break_glass_by=st.sampled_from(["another", "requester"]),
    valid_for=LIMITS,
    extra_loss=LIMITS,
    rule=st.sampled_from("abc"),
).map(lambda each: each if each.kind is RequirementKind.APPROVAL else each.model_copy(update={"roles": {}}))
SETS = st.lists(CONDITIONS, min_size=1, max_size=3)
VOTES = st.dictionaries(st.sampled_from("ruvwxyz"), st.frozensets(ROLES, min_size=1), max_size=6)
"""Approvals by person; r is the requester."""


@drawn(SETS, SETS)
def test_nothing_of_any_part_is_dropped(ones, others):
    both = of(*ones).union(of(*others))

    for each in (*ones, *others):
        assert both.kind.weight >= each.kind.weight
        assert any(kept.reason for kept in both.conditions) >= each.reason
        assert both.expires <= each.expires
        assert both.valid_for <= (each.valid_for or timedelta.max)
        assert both.extra_loss <= (each.extra_loss or timedelta.max)
        assert set(both.freeze) >= set(each.freeze)
        if each.kind is RequirementKind.APPROVAL:
            assert set(both.break_glass) <= set(each.break_glass)
            assert both.requester_may_break_glass <= (each.break_glass_by == "requester")


@drawn(SETS, SETS, VOTES, st.sampled_from(Harm))
def test_what_satisfies_the_whole_satisfies_each_part_and_the_other_way_round(ones, others, votes, harm):
    record = voted(of(*ones).union(of(*others)), votes, harm)
    approvals = [each for each in (*ones, *others) if each.kind is RequirementKind.APPROVAL]
    satisfied = all(is_enough(each, votes, harm) for each in approvals)

    if not record.missing_roles():
        assert satisfied
    if satisfied and not any(each.kind is RequirementKind.NAME for each in (*ones, *others)):
        assert not record.missing_roles()


@drawn(SETS, VOTES)
def test_a_click_of_the_requester_is_not_the_typed_name_that_another_rule_wants(ones, votes):
    record = voted(of(NAME, *ones), votes, Harm.MILD)

    if record.need.approvals and not record.missing_roles():
        assert {*votes} - {"r"}


@drawn(SETS, SETS)
def test_a_union_with_what_is_in_it_changes_nothing(ones, others):
    both = of(*ones).union(of(*others))

    assert both == both.union(of(*ones)) == both.union(of(*others)) == both.union(both)
    turned = of(*others).union(of(*ones))
    for one, other in ((both, turned), (turned, both)):
        assert all(any(mine.implies(each) for mine in one.conditions) for each in other.conditions)


def voted(need, votes, harm):
    """Return a change of r with these approvals."""
    record = ROOM.record("a", need, "r", harm)
    made = [
        Vote(voter=who, name=who, word=DecisionKind.APPROVE, roles=roles, digest=record.digest, at=ROOM.now)
        for who, roles in votes.items()
    ]
    return replace(record, votes=tuple(made))


def is_enough(condition, votes, harm):
    """Return whether the approvals suffice for one condition, by trying every assignment."""
    may = condition.own_vote and harm is not Harm.DESTRUCTIVE
    counted = [roles for who, roles in votes.items() if may or who != "r"]
    return most_approvals(condition.roles, counted) == sum(condition.roles.values())

"""Required approvals of a change: rules of app.yaml, defaults by harm, floors, change freezes and owners."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.access.policy import Policy
from bot.domain.approval_requirement import (
    ApprovalRequirement,
    ChangeFreeze,
    RequirementKind,
    combine_requirements,
)
from bot.domain.cluster import Api
from bot.domain.plan import Harm, Plan, PlanTarget
from bot.domain.request import AccountStatus, Actor, Origin
from bot.settings.model import Settings

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
    assert (need.kind, need.roles, need.rule) == (
        RequirementKind.APPROVAL,
        {"dba": 2, "owner": 1},
        "approval rule 2",
    )
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
        ({"changes": ["*"]}, "roles go with need: approval"),
        ({"changes": ["*"], "need": "confirm", "roles": {"dba": 1}}, "roles go with need: approval"),
        ({"changes": ["*"], "roles": {"nobody": 1}}, "names the role nobody, which people lacks"),
        ({"changes": ["*"], "roles": {"dba": 1}, "break_glass": ["boss"]}, "names the role boss"),
        ({"changes": ["*"], "roles": {"dba": 1}, "expires": "soon"}, "such as 24h or 3d"),
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
    assert ApprovalRequirement(freeze=(BERLIN,)).frozen_until(at) == until


def test_a_freeze_over_midnight_is_two():
    with pytest.raises(ValidationError, match="over midnight"):
        ChangeFreeze.model_validate({"from": "22:00", "to": "06:00"})


def test_a_need_survives_being_stored():
    need = ApprovalRequirement(
        kind=RequirementKind.APPROVAL, roles={"dba": 2}, expires=timedelta(hours=3), freeze=(BERLIN,)
    )

    assert ApprovalRequirement.model_validate_json(need.model_dump_json()) == need


TWO, OWN = (
    ApprovalRequirement(kind=RequirementKind.APPROVAL, roles={"dba": 2}, rule="approval rule 2"),
    ApprovalRequirement(
        kind=RequirementKind.APPROVAL, roles={"owner": 1}, own_vote=True, rule="approval rule 3"
    ),
)


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        (
            ApprovalRequirement(kind=RequirementKind.CONFIRM, rule="a"),
            ApprovalRequirement(kind=RequirementKind.NAME, rule="b"),
            "b",
        ),
        (OWN, TWO, "approval rule 2"),
        (OWN, OWN.model_copy(update={"own_vote": False, "rule": "b"}), "b"),
        (
            ApprovalRequirement(kind=RequirementKind.NAME, rule="a"),
            ApprovalRequirement(kind=RequirementKind.NAME, rule="b"),
            "a",
        ),
    ],
)
def test_the_heavier_need_is_the_one_that_asks_for_more(one, other, rule):
    assert combine_requirements(one, other).rule == rule


def test_what_the_lighter_need_demands_besides_stays_and_is_named():
    lighter = ApprovalRequirement(
        kind=RequirementKind.NAME, reason=True, freeze=(BERLIN,), rule="approval rule 5"
    )

    both = combine_requirements(lighter, TWO)
    assert (both.roles, both.reason, both.freeze) == ({"dba": 2}, True, (BERLIN,))
    assert both.rule == "approval rule 2, with the conditions of approval rule 5"


NEEDS = st.builds(
    ApprovalRequirement,
    kind=st.sampled_from(RequirementKind),
    roles=st.dictionaries(st.sampled_from(["dba", "owner"]), st.integers(1, 3)),
    reason=st.booleans(),
    own_vote=st.booleans(),
    freeze=st.sampled_from([(), (BERLIN,), (ChangeFreeze(),), (ChangeFreeze(), BERLIN)]),
    break_glass=st.sampled_from([(), ("dba",), ("owner", "dba")]),
).map(lambda need: need if need.kind is RequirementKind.APPROVAL else need.model_copy(update={"roles": {}}))


@drawn(NEEDS, NEEDS)
def test_the_heavier_need_never_asks_for_less_than_either(one, other):
    both = combine_requirements(one, other)

    for each in (one, other):
        assert both.kind.weight >= each.kind.weight
        assert both.reason >= each.reason
        assert set(both.freeze) >= set(each.freeze)
        if each.kind is RequirementKind.APPROVAL:
            assert sum(both.roles.values()) >= sum(each.roles.values())
            assert both.own_vote <= each.own_vote
            assert set(both.break_glass) <= set(each.break_glass)
    assert (
        combine_requirements(both, one)
        == combine_requirements(both, other)
        == both
        == combine_requirements(both, both)
    )

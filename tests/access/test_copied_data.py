"""Rights needed to copy a cluster's data into a new one: no less than on that cluster."""

import pytest

from bot.access.policy import Policy
from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import GONE, Api, Cluster
from bot.domain.plan import CopySource, Harm, Plan, PlanTarget
from bot.domain.request import Actor, Origin
from bot.settings.model import Settings

PROD = Cluster(id="1", api=Api.V1, contract="shop", region="de/txl", name="orders-prod", state="AVAILABLE")
LEFT = Cluster(id="1", api=Api.V1, contract="shop", region="", name="", state=GONE)
NEW = PlanTarget(id="", name="scratch-1", api=Api.V1, contract="shop", region="de/txl")
PLAN = Plan(command="cluster create", arguments={}, target=NEW, action="Create", harm=Harm.NOTICED)
OWNERS = [
    {"match": {"name": "*-prod"}, "tier": "prod", "owner": "alice"},
    {"match": {"name": "scratch*"}, "tier": "test", "owner": "bob"},
]
PEOPLE = {"alice": ["U1"], "bob": ["U2"], "dba": ["U3", "U4"]}


def policy(*rules) -> Policy:
    sections = {"people": PEOPLE, "clusters": OWNERS, "approvals": {"rules": rules}}
    return Policy(Settings.model_validate(sections))


def copy(source: Cluster) -> Plan:
    return PLAN.model_copy(update={"source": CopySource.of(source)})


BY_TIER = {"changes": ["cluster create"], "clusters": [{"tier": "prod"}], "roles": {"dba": 2}}
CONFIRM = {"changes": ["*"], "need": "confirm"}


def test_a_copy_needs_what_its_source_needs():
    need = policy(BY_TIER, CONFIRM).need(copy(PROD))

    assert need.words() == "2 DBA approvals"
    assert need.rule == "approval rule 1, as for orders-prod, whose data is copied"


def test_rules_for_other_changes_of_the_source_do_not_count():
    assert (
        policy({**BY_TIER, "changes": ["restore"]}, CONFIRM).need(copy(PROD)).kind is RequirementKind.CONFIRM
    )


def test_what_the_target_needs_stays_and_is_said_once_where_it_holds_all_of_the_other():
    on_target = {"changes": ["cluster *"], "clusters": [{"name": "scratch*"}], "roles": {"dba": 2, "bob": 1}}
    other = {**on_target, "roles": {"dba": 1, "bob": 3}}

    assert policy(on_target, BY_TIER).need(copy(PROD)).rule == "approval rule 1"
    assert policy(other, BY_TIER).need(copy(PROD)).words() == (
        "1 DBA approval and 3 bob approvals, and 2 DBA approvals"
    )


@pytest.mark.parametrize(
    ("selector", "kind"),
    [
        ({"id": "1"}, RequirementKind.APPROVAL),
        ({"contract": "shop", "id": "1"}, RequirementKind.APPROVAL),
        ({"tier": "prod"}, RequirementKind.CONFIRM),
        ({"name": "*", "id": "1"}, RequirementKind.CONFIRM),
    ],
)
def test_of_a_source_that_is_gone_only_rules_that_ask_for_no_name_are_left(selector, kind):
    assert policy({**BY_TIER, "clusters": [selector]}, CONFIRM).need(copy(LEFT)).kind is kind


def test_a_living_source_without_a_name_is_covered_by_a_pattern_for_every_name():
    rule = {**BY_TIER, "clusters": [{"name": "*", "id": "1"}]}
    nameless = Cluster(id="1", api=Api.V1, contract="shop", region="", name="", state="AVAILABLE")

    assert policy(rule, CONFIRM).need(copy(nameless)).kind is RequirementKind.APPROVAL
    assert policy(rule, CONFIRM).need(copy(LEFT)).kind is RequirementKind.CONFIRM


OWNED = {"changes": ["cluster create"], "roles": {"owner": 1}}


@pytest.mark.parametrize(
    ("rules", "source", "approvers"),
    [
        ([OWNED], PROD, [{"U1"}, {"U2"}]),
        ([{**OWNED, "clusters": [{"tier": "prod"}]}, CONFIRM], PROD, [{"U1"}]),
        ([{**OWNED, "clusters": [{"tier": "test"}]}, CONFIRM], PROD, [{"U2"}]),
        ([OWNED], LEFT, [{"U2"}]),
        ([{**OWNED, "clusters": [{"id": "1"}]}, CONFIRM], LEFT, [{"U2"}]),
    ],
)
def test_a_rule_for_the_owner_asks_the_owner_of_the_cluster_that_it_covers(rules, source, approvers):
    """Else the owner of the new cluster could agree to a copy of data that is somebody else's."""
    given, plan = policy(*rules), copy(source)
    need = given.need(plan)
    people = [Actor(origin=Origin.SLACK, id=user) for user in ("U1", "U2", "U3")]

    found = [
        {each.id for each in people if given.roles_in(each, plan, need) & condition.roles.keys()}
        for condition in need.approvals
    ]
    assert sorted(found, key=min) == approvers


def test_where_nobody_owns_the_new_cluster_nobody_stands_in_for_its_owner():
    plan = copy(PROD).model_copy(update={"target": NEW.model_copy(update={"name": "junk"})})
    need = policy(OWNED).need(plan)

    assert [each.roles for each in need.approvals] == [{"owner:junk": 1}, {"owner": 1}]


def test_a_change_without_a_source_is_its_targets():
    assert policy(OWNED).answered_for(PLAN) == NEW.as_cluster()

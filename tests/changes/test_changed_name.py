"""The requirement of a rename: no less than each approval rule that it would take the cluster out of."""

import pytest

from bot.access.policy import Policy
from bot.domain.approval_requirement import RequirementKind
from bot.domain.cluster import Api
from bot.domain.plan import Harm, Plan, PlanTarget
from bot.settings.model import Settings

PROD = PlanTarget(id="1", name="orders-prod", api=Api.V1, contract="shop", region="de/txl")
TAGS = [{"match": {"name": "*-prod"}, "tier": "prod"}]
DELETING = {"changes": ["cluster delete"], "roles": {"dba": 2}, "reason": True, "own_vote": True}
CONFIRM = {"changes": ["*"], "need": "confirm"}


def policy(*rules) -> Policy:
    return Policy(
        Settings.model_validate(
            {"people": {"dba": ["U1"], "boss": ["U2"]}, "clusters": TAGS, "approvals": {"rules": rules}}
        )
    )


def reason_rule(need) -> str:
    """Return the rule for which a reason is required."""
    return next((each.rule for each in need.conditions if each.reason), "")


def rename(name: str, before: PlanTarget = PROD) -> Plan:
    return Plan(
        command="cluster rename",
        arguments={},
        target=before,
        action=f"Rename to {name}",
        harm=Harm.MILD,
        becomes=before.model_copy(update={"name": name}),
    )


@pytest.mark.parametrize("by", [{"name": "*-prod"}, {"tier": "prod"}])
def test_a_name_that_leaves_a_rule_needs_what_that_rule_asks_for(by):
    need = policy({**DELETING, "clusters": [by]}, CONFIRM).need(rename("orders-junk"))

    assert (need.words(), reason_rule(need)) == ("2 DBA approvals", need.rule)
    assert need.rule == "approval rule 1, which would no longer apply under the new name"


def test_nobody_lets_themselves_out_of_a_rule_by_a_vote_of_their_own():
    """The rule's setting for own votes never counts for deleting, and a rename may come before that."""
    need = policy({**DELETING, "clusters": [{"tier": "prod"}]}).need(rename("orders-junk"))

    assert not any(each.own_vote for each in need.approvals)


@pytest.mark.parametrize(
    "by", [None, [{"contract": "shop"}], [{"id": "1"}], [{"region": "DE-TXL"}], [{"name": "orders*"}]]
)
def test_a_rule_that_still_covers_it_asks_for_nothing(by):
    need = policy({**DELETING, "clusters": by}, CONFIRM).need(rename("orders-junk"))

    assert (need.kind, need.rule) == (RequirementKind.CONFIRM, "approval rule 2")


SCRATCH = {"clusters": [{"name": "scratch*"}], "need": "none"}


@pytest.mark.parametrize("changes", [["*"], ["cluster *"], ["* delete"], ["cluster delete", "restore"]])
def test_a_name_that_an_earlier_rule_takes_over_needs_what_the_later_one_asks_for(changes):
    need = policy({**SCRATCH, "changes": changes}, DELETING).need(rename("scratch-1"))

    assert need.words() == "2 DBA approvals"
    assert need.rule == "approval rule 2, which rule 1 would replace under the new name"


@pytest.mark.parametrize("changes", [["restore"], ["user *"], ["cluster delete?"]])
def test_an_earlier_rule_for_other_changes_takes_nothing_over(changes):
    need = policy({**SCRATCH, "changes": changes}, DELETING).need(rename("scratch-1"))

    assert (need.kind, need.rule) == (RequirementKind.NAME, "other approval rules under the new name")


def test_a_name_that_only_comes_under_more_rules_is_typed():
    need = policy({**DELETING, "clusters": [{"tier": "prod"}]}, CONFIRM).need(
        rename("orders-prod", PROD.model_copy(update={"name": "orders-junk"}))
    )

    assert need.kind is RequirementKind.NAME


def test_all_the_rules_that_are_left_count():
    need = policy(
        {"changes": ["restore"], "clusters": [{"name": "orders-prod"}], "roles": {"boss": 1}},
        {**DELETING, "clusters": [{"tier": "prod"}]},
        {"changes": ["cluster rename"], "roles": {"boss": 1}, "break_glass": ["boss"]},
    ).need(rename("orders-junk"))

    assert need.words() == "1 boss approval, and 2 DBA approvals"
    assert need.break_glass == ()


def test_what_the_rename_itself_needs_stays():
    need = policy(
        {"changes": ["restore"], "clusters": [{"tier": "prod"}], "roles": {"dba": 1}},
        {"changes": ["cluster rename"], "roles": {"boss": 2}},
    ).need(rename("orders-junk"))

    assert need.words() == "2 boss approvals, and 1 DBA approval"
    assert need.rule == "approval rule 2; approval rule 1, which would no longer apply under the new name"


@pytest.mark.parametrize(
    ("rule", "needs"),
    [
        ({"changes": ["cluster delete"], "roles": {"owner": 1}}, [{"owner": 1}]),
        ({"changes": ["cluster delete"], "roles": {"dba": 1}, "break_glass": ["owner"]}, [{"dba": 1}]),
        ({"changes": ["cluster delete"], "roles": {"dba": 1}}, []),
    ],
)
def test_a_name_that_gives_it_another_owner_needs_what_a_rule_for_the_owner_asks_for(rule, needs):
    """Otherwise people could give themselves a cluster, and approve in place of its owner."""
    tags = [{"match": {"name": "orders*"}, "owner": "U2"}, {"match": {"name": "scratch*"}, "owner": "U1"}]
    people = {"dba": ["U1"], "boss": ["U2"]}
    given = Policy(
        Settings.model_validate({"people": people, "clusters": tags, "approvals": {"rules": [rule]}})
    )

    need = given.need(rename("scratch-1"))
    assert [each.roles for each in need.approvals] == needs
    assert need.rule == ("approval rule 1, whose owner changes with the new name" if needs else "default")
    assert given.need(rename("orders-2")).rule == "default"

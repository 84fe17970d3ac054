"""`cluster rename`: the plan on both APIs, and the refusals before anything is sent."""

import pytest
from change_requests import ALICE, BOB, ask
from one_contract import SETTINGS
from terminal_site import terminal_site

from bot.domain.approval_requirement import RequirementKind

pytestmark = pytest.mark.anyio


async def test_the_plan_on_v1(terminal):
    record = await ask(terminal, "cluster rename orders-staging orders-stage", BOB)

    plan = record.plan
    assert plan.action == "Rename orders-staging to orders-stage"
    assert [(each.what, each.before, each.after) for each in plan.effects] == [
        ("Name", "orders-staging", "orders-stage"),
        ("In app.yaml: tier", "staging", "none"),
    ]
    assert (plan.order, plan.ending.expected) == ({"name": "orders-stage"}, {"name": "orders-stage"})
    assert "will change with the name until you update app.yaml" in plan.warnings[0]
    assert record.need.kind is RequirementKind.NAME


async def test_a_name_that_app_yaml_takes_for_the_same_needs_a_confirmation(terminal):
    record = await ask(terminal, "cluster rename orders-staging orders-staging-2", BOB)

    assert (record.plan.warnings, record.need.kind) == ((), RequirementKind.CONFIRM)


async def test_on_v2_the_password_is_set_and_the_name_has_to_be_typed(terminal):
    record = await ask(terminal, "cluster rename payments-prod payments-prod-live", BOB)

    assert record.plan.warnings[-1] == (
        "It sets the password of the primary user payments to the one in the configured secret."
    )
    assert record.need.kind is RequirementKind.NAME


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster rename orders-staging orders-staging", "is already called orders-staging"),
        (
            "cluster rename catalogue-prod other-name",
            "sends the primary user's password, and app.yaml has none",
        ),
        ("cluster rename analytics-dev other-name", "analytics-dev is FAILED, so it can't be changed"),
        ('cluster rename payments-prod "Payments!"', "name"),
        ("cluster rename search other-name", "search"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


OUT = 'cluster rename orders-prod orders-junk --reason "it is junk"'


async def test_a_name_that_leaves_an_approval_rule_needs_that_approval_and_says_what_is_left(terminal):
    """Else one person renames a cluster, and deletes it alone under the new name."""
    record = await ask(terminal, OUT, ALICE)

    assert (record.need.words(), record.need.break_glass) == ("2 DBA approvals", ("dba",))
    assert record.need.rule == "approval rule 1, which would no longer apply under the new name"
    assert record.plan.warnings[1:] == (
        "Under the name orders-junk, approval rule 1 and permission 3 will no longer cover it.",
        "The approval rules for its former name stay in force for 30 days.",
    )
    refused = await terminal.run(f"change confirm {record.id} --name orders-prod", ALICE)
    assert "needs 2 DBA approvals" in refused.title


async def test_a_name_that_comes_under_further_rules_says_which(terminal):
    record = await ask(terminal, "cluster rename orders-staging orders-prod-2", ALICE)

    assert record.plan.warnings[-1] == (
        "Under the name orders-prod-2, approval rule 1 and permission 3 will cover it as well."
    )
    assert record.need.rule == "approval rule 2, which rule 1 would replace under the new name"


async def test_nobody_gives_themselves_permissions_by_a_name(tmp_path, monkeypatch):
    """Alice may rename every cluster, and delete those called scratch in one channel."""
    text = SETTINGS.read_text()
    grants = """permissions:
  - {to: [developer], allow: ["cluster delete"], clusters: [{name: "scratch*"}], channels: [C0OPS]}
  - {to: [developer], allow: ["cluster rename", "cluster list", "change *"]}
"""
    text = text.replace('allow: ["cluster *", ', "allow: [").replace("permissions:\n", grants)
    settings = tmp_path / "app.yaml"
    settings.write_text(text)
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        refused = await terminal.run("cluster rename orders-staging scratch-1", ALICE)
        by_another = await ask(terminal, "cluster rename orders-staging scratch-1", BOB)

    assert refused.title == (
        "The name scratch-1 would let you run “cluster delete” on orders-staging, which you may not do now."
    )
    assert "permission 1" in by_another.plan.warnings[-1]

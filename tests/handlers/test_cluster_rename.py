"""`cluster rename`: the plan on both APIs, and what stops it before anything is sent."""

import pytest
from decisions import BOB, ask

from bot.need import Kind

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
    assert "changes with the name until app.yaml is mended" in plan.warnings[0]
    assert record.need.kind is Kind.NAME


async def test_a_name_that_app_yaml_takes_for_the_same_needs_a_confirmation(terminal):
    record = await ask(terminal, "cluster rename orders-staging orders-staging-2", BOB)

    assert (record.plan.warnings, record.need.kind) == ((), Kind.CONFIRM)


async def test_on_v2_the_password_is_set_and_the_name_has_to_be_typed(terminal):
    record = await ask(terminal, "cluster rename payments-prod payments-live", BOB)

    assert record.plan.warnings[-1] == (
        "It sets the password of the primary user payments to the one in the configured secret."
    )
    assert record.need.kind is Kind.NAME


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster rename orders-staging orders-staging", "is called orders-staging already"),
        ("cluster rename catalogue-prod other-name", "app.yaml does not say where it is"),
        ("cluster rename analytics-dev other-name", "analytics-dev is FAILED, so it cannot be changed"),
        ('cluster rename payments-prod "Payments!"', "name"),
        ("cluster rename search other-name", "search"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []

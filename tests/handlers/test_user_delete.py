"""`user delete`: the plan, its warnings, and the SQL for v2."""

import pytest
from change_requests import BOB, ask

from bot.domain.approval_requirement import RequirementKind
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_the_plan_names_what_the_user_owns(terminal):
    record = await ask(terminal, "user delete orders-prod orders --reason x", BOB)

    assert record.plan.action == "Delete user orders of orders-prod"
    assert record.plan.order == {"user": "orders"}
    assert record.plan.observed["owns"] == ["orders", "orders_archive"]
    assert any("It owns orders, orders_archive" in each for each in record.plan.warnings)


async def test_where_no_rule_says_otherwise_the_name_has_to_be_typed(terminal):
    record = await ask(terminal, "user delete orders-staging Orders-QA", BOB)

    assert terminal.kernel.dispatcher.policy.need(record.plan).kind in {
        RequirementKind.CONFIRM,
        RequirementKind.NAME,
    }
    assert record.plan.harm.value == "destructive"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("user delete orders-prod nobody", "has no user nobody"),
        ("user delete orders-prod postgres", "belongs to the platform"),
        ("user delete analytics-dev app", "is FAILED, so it cannot be changed"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_on_v2_the_answer_is_the_sql_with_its_names_quoted(terminal):
    reply = await terminal.run("user delete payments-prod 'x\"; DROP TABLE y; --'", BOB)

    assert not reply.ok
    assert 'DROP ROLE "x""; DROP TABLE y; --";' in render_plain(reply)

"""`database create`: the plan, its refusals, and the SQL for v2."""

import pytest
from change_requests import BOB, ask, read_script

pytestmark = pytest.mark.anyio


async def test_the_plan(terminal):
    plan = (await ask(terminal, "database create orders-prod archive --owner orders", BOB)).plan

    assert plan.action == "Create database archive in orders-prod"
    assert plan.order == {"database": "archive", "owner": "orders"}
    assert plan.ending.leaves_trace


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("database create orders-prod orders --owner orders", "already has a database called orders"),
        ("database create orders-prod new --owner nobody", "has no user “nobody”"),
        ("database create orders-prod new", "needs --owner"),
        (f"database create orders-prod {'x' * 64} --owner orders", "has 64 bytes"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    assert says in (await terminal.run(line, BOB)).title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_on_v2_the_answer_is_the_sql(terminal):
    reply = await terminal.run("database create payments-prod new --owner payments", BOB)

    assert "\n\\set database 'new'\n\\set owner 'payments'\n" in read_script(reply)
    assert '\nCREATE DATABASE :"database" OWNER :"owner";\n' in read_script(reply)

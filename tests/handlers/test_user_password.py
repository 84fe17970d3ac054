"""`user password`: the plan's warnings, its refusals, and psql's own command for v2."""

import pytest
from change_requests import BOB, ask, read_script
from pyrage import x25519

pytestmark = pytest.mark.anyio


async def test_the_plan_warns_of_what_stops_working(terminal):
    await terminal.run(f"key set {x25519.Identity.generate().to_public()}", BOB)
    ours = await ask(terminal, "user password orders-prod orders", BOB)
    by_sql = await ask(terminal, "user password billing-prod reports_sql", BOB)

    assert ours.plan.warnings[0].startswith("The old password will stop working")
    assert ours.plan.harm.value == "noticed"
    assert "was created with SQL" in by_sql.plan.warnings[1]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("user password orders-prod nobody", "has no user “nobody”"),
        ("user password orders-prod admin", "belongs to the platform"),
        ("user password orders-prod orders", "no way to give you the new password"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    assert says in (await terminal.run(line, BOB)).title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_a_password_that_is_typed_is_neither_repeated_nor_kept(terminal):
    reply = await terminal.run("user password orders-prod orders Canary-4711", BOB)

    assert "got too many arguments" in reply.title
    assert "Canary" not in f"{reply} {await terminal.audit()}"


async def test_on_v2_psql_asks_for_the_password(terminal):
    reply = await terminal.run("user password payments-prod app", BOB)

    assert "\n\\set role 'app'\n" in read_script(reply)
    assert "\nBEGIN;\n" in read_script(reply)
    assert '\n\\password :"role"\nCOMMIT;\n' in read_script(reply)

"""`user create`: refusals before anything is stored, and the SQL for v2; the password tests have the rest."""

import pytest
from change_requests import BOB, read_script
from pyrage import x25519

from bot.domain.reply import Code

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("user create orders-prod orders", "already has a user called orders"),
        ("user create orders-prod postgres", "reserved by the platform"),
        (f"user create orders-prod {'x' * 64}", "has 64 bytes"),
        ("user create analytics-dev app", "is FAILED, so it can't be changed"),
        ("user create orders-prod app", "no way to give you the new password"),
        ("user create orders-prod app --from env:HOME", "This password reference is not allowed"),
        ("user create nowhere app", "no cluster"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_a_plan_says_to_whom_the_password_goes_and_never_what_it_is(terminal):
    key = str(x25519.Identity.generate().to_public())
    await terminal.run(f"key set {key}", BOB)
    await terminal.run("user create orders-prod app", BOB)
    [record] = await terminal.kernel.dispatcher.changes.rows.latest()

    assert record.plan.order == {"user": "app", "password": f"made by the bot, encrypted to the key {key}"}
    assert record.plan.arguments["from"] == ""


async def test_on_v2_psql_asks_for_the_password(terminal):
    reply = await terminal.run("user create payments-prod Orders-QA", BOB)

    assert "\n\\set role 'Orders-QA'\n" in read_script(reply)
    assert 'CREATE ROLE :"role" LOGIN;\n\\password :"role"\nCOMMIT;\n' in read_script(reply)
    command = (
        'psql -X -f create-user-orders-qa-of-payments-prod.sql "host=HOST user=payments dbname=postgres"'
    )
    assert Code(command) in reply.parts

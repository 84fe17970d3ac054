"""`user list`: who there is, who made them, and the SQL to use where the API has no users."""

import pytest

from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_users_are_listed_with_their_maker(terminal, table):
    reply = await terminal.run("user list orders-prod")

    rows = table(reply)
    assert reply.title == "orders-prod has 2 users"
    assert [row["User"] for row in rows] == ["orders", "orders_readonly"]
    assert {row["System"] for row in rows} == {False}
    assert all(row["Created by"] and row["Created"] for row in rows)
    assert "--system shows them" in render_plain(reply)


async def test_system_users_are_marked_and_come_last(terminal, table):
    reply = await terminal.run("user list orders-prod --system")

    rows = table(reply)
    assert [row["User"] for row in rows] == ["orders", "orders_readonly", "admin", "postgres", "standby"]
    assert [row["Created by"] for row in rows if row["System"]] == ["the platform"] * 3
    assert "--system" not in render_plain(reply)


async def test_a_user_made_by_sql_is_marked(terminal, table):
    reply = await terminal.run("user list billing-prod")

    made_by = {row["User"]: row["Created by"] for row in table(reply)}
    assert made_by["reports_sql"] == "SQL, not the API"
    assert made_by["billing"] != "SQL, not the API"
    assert "managed with SQL" in render_plain(reply)


async def test_a_name_with_blanks_needs_no_quotes(terminal):
    assert (await terminal.run("user list customer data")).title.startswith(
        "Customer data (EU), 2nd copy! has "
    )


async def test_on_v2_the_answer_is_the_sql_and_no_call_is_made_for_it(terminal):
    reply = await terminal.run("user list payments-prod")

    assert not reply.ok
    assert "v2 API does not support managing users" in render_plain(reply)
    assert "SELECT rolname" in render_plain(reply)
    assert {row["path"] for row in terminal.cloud.calls.rows()} == {"/clusters"}


async def test_an_api_that_refuses_is_a_sentence(terminal):
    await terminal.fault(kind="status", status=403, api="v1", path="/clusters/*/users")

    reply = await terminal.run("user list orders-prod")

    assert not reply.ok
    assert "they lack the permission for this" in reply.title

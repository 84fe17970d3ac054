"""`user show`: one user, its databases, and the next step for a missing name."""

import pytest

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_a_user_is_shown_with_its_databases(terminal, fields):
    reply = await terminal.run("user show orders-prod orders")

    shown = fields(reply)
    assert reply.title == "orders in orders-prod"
    assert (shown["Cluster"], shown["System user"]) == ("orders-prod", False)
    assert shown["Owns databases"] == "orders, orders_archive"
    assert shown["Recorded creator"].endswith(shown["Created by"])
    data = make_document(reply)["data"]
    assert (data["user"]["name"], data["user"]["created_by"]) == ("orders", shown["Recorded creator"])
    assert data["owned_databases"] == ["orders", "orders_archive"]


async def test_a_user_made_by_sql_and_one_of_the_platform_are_marked(terminal, fields):
    by_sql = await terminal.run("user show billing-prod reports_sql")
    system = await terminal.run("user show billing-prod postgres")

    assert fields(by_sql)["Created by"] == "SQL, not the API"
    assert "has to be managed with SQL" in render_plain(by_sql)
    assert (fields(system)["Created by"], fields(system)["System user"]) == ("the platform", True)
    assert "can't be changed or deleted" in render_plain(system)


async def test_a_name_is_matched_in_its_case_and_the_nearest_is_offered(terminal):
    reply = await terminal.run("user show orders-staging orders-qa")

    assert not reply.ok
    assert reply.title == "orders-staging has no user “orders-qa”."
    assert "Did you mean “Orders-QA”?" in render_plain(reply)


async def test_a_name_like_no_other_gets_the_list(terminal):
    assert "“user list orders-prod” lists them" in render_plain(
        await terminal.run("user show orders-prod zzz")
    )


async def test_databases_that_cannot_be_read_do_not_hide_the_user(terminal, fields):
    await terminal.fault(kind="status", status=403, api="v1", path="/clusters/*/databases")

    reply = await terminal.run("user show orders-prod orders")

    assert reply.ok
    assert fields(reply)["Owns databases"] is None
    assert "Could not read its databases" in render_plain(reply)
    assert make_document(reply)["data"]["owned_databases"] is None


async def test_on_v2_the_answer_is_the_sql(terminal):
    reply = await terminal.run("user show payments-prod payments")

    assert not reply.ok
    assert "SELECT rolname" in render_plain(reply)


async def test_a_password_is_never_part_of_the_answer(terminal):
    record = next(each for each in terminal.cloud.everything() if each.name == "orders-prod")

    for line in ("user show orders-prod orders", "user list orders-prod --system"):
        assert record.users["orders"].password not in render_plain(await terminal.run(line))

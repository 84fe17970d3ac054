"""`database list`: names, owners, makers, and the SQL to use where the API has no databases."""

import pytest

from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_databases_are_listed_with_owner_and_maker(terminal, table):
    reply = await terminal.run("database list hr-prod")

    rows = table(reply)
    assert reply.title == "hr-prod has 3 databases"
    assert [(row["Database"], row["Owner"]) for row in rows] == [
        ("hr-records", "hr"),
        ("payroll_sql", "hr"),
        ("postgres", "postgres"),
    ]
    assert [row["Created by"] for row in rows[1:]] == ["SQL, not the API", "the platform"]
    assert all(row["Created"] for row in rows)
    assert "managed with SQL" in render_plain(reply)
    data = make_document(reply)["data"]
    assert [each["name"] for each in data["databases"]] == [row["Database"] for row in rows]
    assert {each["cluster_id"] for each in data["databases"]} == {data["cluster"]["id"]}
    assert data["databases"][0]["created_at"].endswith("Z")


async def test_on_v2_the_answer_is_the_sql_and_no_call_is_made_for_it(terminal):
    reply = await terminal.run("database list payments-prod")

    assert not reply.ok
    assert "v2 API does not support managing databases" in render_plain(reply)
    assert "SELECT datname" in render_plain(reply)
    assert {row["path"] for row in terminal.cloud.calls.rows()} == {"/clusters"}


async def test_an_unknown_cluster_gets_the_nearest_one(terminal):
    assert "Did you mean “orders-prod”" in render_plain(await terminal.run("database list ordrs-prod"))


async def test_an_api_that_refuses_is_a_sentence(terminal):
    await terminal.fault(kind="status", status=403, api="v1", path="/clusters/*/databases")

    reply = await terminal.run("database list hr-prod")

    assert not reply.ok
    assert "they lack the permission for this" in reply.title

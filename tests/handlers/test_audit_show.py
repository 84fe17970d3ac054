"""`audit show`: all of one row, but no request about a cluster that the asker may not see."""

import pytest
from audit_site import VERA, audit_site, notes_of, rows_of

from bot.domain.reply import Choices
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with audit_site(tmp_path, monkeypatch) as site:
        yield site


async def find_newest_row(site, typed):
    rows = await site.rows("audit list")
    return next(row["Entry"] for row in rows if row["Typed"] == typed)


async def test_a_row_says_who_why_what_was_sent_and_its_hashes(site, fields):
    await site.ask("cluster show orders-prod", trace="abc123")
    number = await find_newest_row(site, "cluster show orders-prod")

    reply = await site.ask(f"audit show {number}")

    shown, (stored,) = fields(reply), [row for row in await site.terminal.audit() if row["seq"] == number]
    data = make_document(reply)["data"]
    assert (data["hash"], data["previous_hash"]) == (stored["hash"], stored["prev"])
    assert (data["entry"]["trace"], data["requests"][0]["status"]) == ("abc123", 200)
    assert shown["Rule"] == "permission 1"
    assert (shown["Hash"], shown["Previous hash"]) == (stored["hash"], stored["prev"])
    assert {row["Status"] for row in rows_of(reply)} == {200}
    assert [part.choices[0].command for part in reply.parts if isinstance(part, Choices)] == [
        "audit story abc123"
    ]


async def test_a_row_that_may_not_be_seen_is_not_there(site):
    await site.ask("cluster show orders-staging")
    number = await find_newest_row(site, "cluster show orders-staging")

    hidden = await site.ask(f"audit show {number}", VERA)
    missing = await site.ask("audit show 99999", VERA)

    assert not hidden.ok
    assert hidden.title.replace(str(number), "N") == missing.title.replace("99999", "N")


async def test_requests_about_clusters_that_may_not_be_seen_are_left_out(site):
    await site.ask("cluster list", VERA)
    await site.ask("status")
    number = await find_newest_row(site, "status")
    [row] = [each for each in await site.rows("audit list", VERA) if each["Typed"] == "cluster list"]
    cluster = await site.named("orders-staging")

    reply = await site.ask(f"audit show {row['Entry']}", VERA)

    assert cluster.id not in render_plain(reply)
    data = make_document(reply)["data"]
    assert cluster.id not in str(data)
    assert (data["entry"]["id"], data["entry"]["seq"], data["hash"]) == (row["Entry"], None, None)
    assert rows_of(reply) != []
    assert not (await site.ask(f"audit show {number}", VERA)).ok


async def test_requests_that_name_one_cluster_are_shown_to_whoever_sees_it(site):
    await site.ask("database list orders-prod")
    [row] = [each for each in await site.rows("audit list", VERA) if each["Typed"].startswith("database")]

    reply = await site.ask(f"audit show {row['Entry']}", VERA)

    assert any("/databases" in row["URL"] for row in rows_of(reply))
    assert notes_of(reply) == "Requests about clusters that you may not see are left out."
    assert "Hash" not in render_plain(reply)

"""`audit witness`: IONOS's own record of changes, as the simulator keeps it, against the bot's."""

import pytest
from audit_site import VERA, audit_site, rows_of

from bot.demo.cloud.records import TokenOwner
from bot.domain.cluster_spec import ClusterChange
from bot.domain.reply import Warn
from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(tmp_path, monkeypatch):
    async with audit_site(tmp_path, monkeypatch) as site:
        await site.ask("whoami")
        yield site


def change_in_console(site, name):
    """Change a cluster as somebody at IONOS's own console."""
    record = next(each for each in site.terminal.cloud.everything() if each.name == name)
    record.modified_at = site.terminal.kernel.clock.now()
    record.modified_by = TokenOwner("mallory@shop.example", "user-9")


async def test_when_nothing_was_changed_both_records_agree(site):
    reply = await site.ask("audit witness")

    assert reply.ok
    assert reply.title == "44 clusters compared: both records agree"


async def test_what_the_bot_changes_leaves_its_trace(site):
    await site.terminal.kernel.fleet.change(await site.named("orders-prod"), ClusterChange(cores=8))

    assert "both records agree" in (await site.ask("audit witness")).title


async def test_a_change_around_the_bot_is_named_with_who_did_it(site):
    change_in_console(site, "orders-prod")

    reply = await site.ask("audit witness")

    [row], [change] = rows_of(reply), make_document(reply)["data"]["outside_changes"]
    assert (row["Cluster"], row["Change"]) == ("orders-prod", "changed")
    assert (change["cluster"]["name"], change["by"], change["at"][-1]) == ("orders-prod", row["By"], "Z")
    assert "mallory" in row["By"]


async def test_a_request_of_the_bot_without_a_trace_is_named_with_its_row(site):
    cluster = await site.named("orders-prod")
    record = next(each for each in site.terminal.cloud.everything() if each.name == "orders-prod")
    before = record.modified_at, record.modified_by
    await site.terminal.kernel.fleet.change(cluster, ClusterChange(cores=8))
    record.modified_at, record.modified_by = before

    reply = await site.ask("audit witness")

    (row,) = rows_of(reply)
    assert reply.title == "44 clusters compared: 0 changed outside the bot, 1 not recorded by IONOS"
    assert row["Request"] == f"PATCH /clusters/{cluster.id}"
    assert (await site.ask(f"audit show {row['Entry']}")).ok


async def test_somebody_who_sees_a_part_gets_no_numbers_of_entries(site):
    cluster = await site.named("orders-prod")
    record = next(each for each in site.terminal.cloud.everything() if each.name == "orders-prod")
    before = record.modified_at, record.modified_by
    await site.terminal.kernel.fleet.change(cluster, ClusterChange(cores=8))
    record.modified_at, record.modified_by = before

    reply = await site.ask("audit witness", VERA)

    [row], [request] = rows_of(reply), make_document(reply)["data"]["unrecorded_requests"]
    assert (request["entry_id"], request["seq"]) == (row["Entry"], None)
    assert (await site.ask(f"audit show {row['Entry']}", VERA)).ok


async def test_only_clusters_that_may_be_seen_are_compared(site):
    change_in_console(site, "orders-staging")

    assert "both records agree" in (await site.ask("audit witness", VERA)).title


async def test_where_it_could_not_look_is_said(site):
    await site.terminal.fault(kind="status", status=403, api="v2", region="de-fra", path="/clusters")

    assert any(isinstance(part, Warn) for part in (await site.ask("audit witness")).parts)

"""`migration watch`: clusters that appear in v2 are reported once, to their owners, with their
differences."""

from dataclasses import replace

import pytest
from migration_site import DBA, days, migrate, migration_site, record, reported_clusters, rows
from terminal_site import OPERATOR

from bot.domain.reply import Audience, Mention
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.domain.request import Invocation

pytestmark = pytest.mark.anyio


async def run_watch(terminal, key, **changes):
    """Look once under a key, as the schedule does in each run."""
    invocation = Invocation(
        key=key,
        trace="feedbeef",
        actor=OPERATOR,
        channel="C0OPS",
        text="migration watch",
        at=terminal.kernel.clock.now(),
    )
    return await terminal.kernel.dispatcher.dispatch(replace(invocation, **changes))


def list_names(reply):
    return [name for name, _ in reported_clusters(reply)]


async def test_the_first_look_only_gets_to_know_the_clusters(terminal):
    reply = await run_watch(terminal, "slot:1")

    assert reply.title == "No new clusters in v2; 29 clusters known"
    assert reply.audience is Audience.PRIVATE
    assert reply.ok


async def test_a_cluster_that_appears_is_told_of_once_and_its_owner_is_mentioned(terminal):
    await run_watch(terminal, "slot:1")
    migrate(terminal, "orders-prod")

    first = await run_watch(terminal, "slot:2")
    second = await run_watch(terminal, "slot:3")

    assert first.title == "1 cluster appeared in v2"
    assert first.audience is Audience.CHANNEL
    assert list_names(first) == ["orders-prod"]
    assert rows(first, "appeared-in-v2")[0]["Evidence"] == "same id"
    assert [part.people for part in first.parts if isinstance(part, Mention)] == [("U0ALICE",)]
    assert list_names(second) == []
    (new,) = make_document(first)["data"]["appeared"]
    (known,) = make_document(second)["data"]["appeared"]
    assert (new["name"], new["standing"], new["v2_id"]) == ("orders-prod", "visible in v2", new["id"])
    assert new["is_new"]
    assert new["differences"]
    assert known == {**new, "is_new": False, "differences": None}


async def test_what_differs_is_shown_what_to_look_at_first(terminal):
    await run_watch(terminal, "slot:1")
    migrate(terminal, "ledger-prod")

    reply = await run_watch(terminal, "slot:2")
    found = dict(reported_clusters(reply))["ledger-prod"]

    replication = next(line for line in found if line.startswith("replication: "))
    assert replication.startswith("replication: SYNCHRONOUS → ASYNCHRONOUS (lost: ")
    alarms = ["(expected by the mapping: " not in line for line in found]
    assert alarms == sorted(alarms, reverse=True)
    assert f"{sum(alarms)} differences to check" in render_plain(reply)


async def test_what_has_appeared_stays_in_the_table_when_it_is_no_news_any_more(terminal):
    await run_watch(terminal, "slot:1")
    migrate(terminal, "orders-prod")
    first = await run_watch(terminal, "slot:2")
    days(terminal, 1)
    migrate(terminal, "ledger-prod")
    second = await run_watch(terminal, "slot:3")
    third = await run_watch(terminal, "slot:4")

    def list_clusters(reply):
        return [row["Cluster"] for row in rows(reply, "appeared-in-v2")]

    assert [list_clusters(each) for each in (first, second, third)] == [
        ["orders-prod"],
        ["ledger-prod", "orders-prod"],
        ["ledger-prod", "orders-prod"],
    ]
    assert [list_names(each) for each in (first, second, third)] == [["orders-prod"], ["ledger-prod"], []]
    assert third.title == "No new clusters in v2; 29 clusters known"


async def test_an_owner_whom_slack_does_not_know_is_named(tmp_path, monkeypatch):
    async with migration_site(
        tmp_path, monkeypatch, words={'owner: "@alice"': 'owner: "shop team"'}
    ) as terminal:
        await run_watch(terminal, "slot:1")
        migrate(terminal, "orders-prod")
        reply = await run_watch(terminal, "slot:2")

    assert rows(reply, "appeared-in-v2")[0]["Owner"] == "shop team"
    assert not any(isinstance(part, Mention) for part in reply.parts)


async def test_the_same_slot_run_again_after_a_crash_tells_the_same(terminal):
    await run_watch(terminal, "slot:1")
    migrate(terminal, "orders-prod")

    once = await run_watch(terminal, "slot:2")
    again = await run_watch(terminal, "slot:2")

    assert list_names(once) == list_names(again) == ["orders-prod"]


async def test_a_cluster_that_only_status_has_seen_is_known_to_the_watch(terminal):
    await terminal.run("migration status")
    migrate(terminal, "orders-prod")
    await terminal.run("migration status")

    assert list_names(await run_watch(terminal, "slot:1")) == ["orders-prod"]


async def test_a_region_that_refuses_proves_nothing_and_the_move_is_told_of_later(terminal):
    await run_watch(terminal, "slot:1")
    migrate(terminal, "orders-prod")
    await terminal.fault(kind="status", status=403, api="v2", region="de-txl")

    blind = await run_watch(terminal, "slot:2")
    terminal.cloud.faults.clear()
    seeing = await run_watch(terminal, "slot:3")

    assert list_names(blind) == []
    assert "de/txl" in render_plain(blind)
    assert "Undetermined: " in render_plain(blind)
    assert list_names(seeing) == ["orders-prod"]


async def test_nothing_that_could_be_read_is_not_nothing_new(terminal):
    await terminal.fault(kind="status", status=401)

    reply = await run_watch(terminal, "slot:1")

    assert not reply.ok
    assert reply.title == "No v1 cluster could be read; 10 endpoints could not be read"


async def test_in_a_channel_shared_with_another_company_nobody_is_told_and_nothing_is_used_up(terminal):
    await run_watch(terminal, "slot:1")
    migrate(terminal, "orders-prod")

    outside = await run_watch(terminal, "slot:2", external_channel=True)
    inside = await run_watch(terminal, "slot:3")

    assert "orders-prod" not in render_plain(outside)
    assert list_names(inside) == ["orders-prod"]


async def test_somebody_who_sees_less_takes_nothing_from_the_others(tmp_path, monkeypatch):
    words = {'"change *", "audit *"': '"change *", "audit *", "migration *"'}
    async with migration_site(tmp_path, monkeypatch, words=words) as terminal:
        await run_watch(terminal, "slot:1")
        migrate(terminal, "orders-prod", "orders-staging")
        hers = await run_watch(terminal, "trigger:1", actor=replace(OPERATOR, person="U0VERA"))
        his = await run_watch(terminal, "slot:2", actor=DBA)

    assert list_names(hers) == ["orders-prod"]
    assert list_names(his) == ["orders-staging"]


async def test_what_v1_last_showed_is_compared_also_when_v1_shows_it_no_more(terminal):
    await run_watch(terminal, "slot:1")
    before = record(terminal, "wiki").ram_mb
    migrate(terminal, "wiki")
    record(terminal, "wiki").ram_mb = before * 4
    days(terminal, 1)

    found = dict(reported_clusters(await run_watch(terminal, "slot:2")))["wiki"]

    assert any(line.startswith(f"ram_mb: {before // 1024} GB → ") for line in found)


async def test_what_both_apis_show_at_the_first_look_is_no_news(terminal):
    terminal.cloud.switches = replace(terminal.cloud.switches, v1_clusters_in_v2=True)

    assert list_names(await run_watch(terminal, "slot:1")) == []
    migrate(terminal, "orders-prod")
    assert list_names(await run_watch(terminal, "slot:2")) == []


async def test_a_name_of_several_lines_is_one_cluster_and_does_nothing(terminal):
    named = record(terminal, "orders-prod")
    named.name = "orders\nledger-prod (same id): nothing to check\u202e"
    await run_watch(terminal, "slot:1")
    migrate(terminal, named.name)

    [(name, _)] = reported_clusters(await run_watch(terminal, "slot:2"))

    assert name == "orders\\nledger-prod (same id): nothing to check\\u202e"

"""`backup show`: one backup, by id or its beginning, as far as its cluster may be seen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from terminal_site import OPERATOR, terminal_site

from bot.domain.reply import Warn
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.domain.request import Origin

pytestmark = pytest.mark.anyio


async def test_a_v1_backup_has_a_range_a_size_and_a_place(terminal, fields):
    backup = terminal.record("orders-prod").backups[0]

    reply = await terminal.run(f"backup show {backup.v1_id}")

    shown = fields(reply)
    assert reply.title == f"orders-prod: current backup {backup.v1_id}"
    assert "any time from 2026-11-16 09:00 UTC (7 days ago) until now" in render_plain(reply)
    assert (shown["Current"], shown["Covers"], shown["PostgreSQL"]) == (True, "7 days", "15")
    assert (shown["Location"], shown["API"], shown["Contract"]) == ("de", "v1", "shop")
    assert shown["Size"].endswith("B")
    assert "PostgreSQL 15 or newer" in render_plain(reply)


async def test_a_v2_backup_tells_where_it_ended(terminal, fields):
    payments = terminal.record("payments-prod")
    terminal.cloud.new_backup(payments, terminal.kernel.clock.now() - timedelta(hours=5))
    ended = payments.backups[0]

    reply = await terminal.run(f"backup show {ended.v2_id.upper()}")

    assert fields(reply)["Current"] is False
    assert "up to 2026-11-23 04:00 UTC (5 hours ago)." in render_plain(reply)
    assert reply.title == f"payments-prod: backup {ended.v2_id}"
    data = make_document(reply)["data"]
    assert (data["backup"]["id"], data["cluster"]["id"]) == (ended.v2_id, payments.id)
    assert (data["latest_at"], data["backup"]["is_active"]) == ("2026-11-23T04:00:00Z", False)


async def test_v1_does_not_tell_where_a_backup_ended_and_so_it_is_not_said(terminal, fields):
    orders = terminal.record("orders-prod")
    terminal.cloud.new_backup(orders, terminal.kernel.clock.now() - timedelta(hours=5))

    reply = await terminal.run(f"backup show {orders.backups[0].v1_id}")

    assert "The API doesn't say where it ends" in render_plain(reply)
    assert (fields(reply)["Latest"], fields(reply)["Covers"]) == (None, None)
    assert make_document(reply)["data"]["latest_at"] is None


async def test_a_backup_that_is_not_ready_cannot_be_restored(terminal):
    orders = terminal.record("orders-prod")
    orders.backups[0].recoverable_at = terminal.kernel.clock.now() + timedelta(hours=1)

    reply = await terminal.run(f"backup show {orders.backups[0].v1_id}")

    assert "This backup can't be restored" in render_plain(reply)
    assert [part for part in reply.parts if isinstance(part, Warn)]


async def test_a_beginning_that_one_id_has_finds_it(terminal):
    backup = terminal.record("orders-prod").backups[0]

    assert backup.v1_id in (await terminal.run(f"backup show {backup.v1_id[:12]}")).title


async def test_a_beginning_that_two_ids_have_lists_both(terminal):
    orders = terminal.record("orders-prod")
    terminal.cloud.new_backup(orders, terminal.kernel.clock.now() - timedelta(hours=5))

    reply = await terminal.run(f"backup show {orders.id}")

    assert not reply.ok
    assert "matches 2 backups" in reply.title
    assert all(backup.v1_id in reply.title for backup in orders.backups)


async def test_with_a_cluster_only_that_cluster_is_looked_at(terminal):
    backup = terminal.record("orders-prod").backups[0]

    found = await terminal.run(f"backup show {backup.v1_id} orders-prod")
    elsewhere = await terminal.run(f"backup show {backup.v1_id} payments-prod")

    assert backup.v1_id in found.title
    assert not elsewhere.ok
    assert terminal.cloud.calls.count(path="/clusters/backups") == 0


async def test_an_unknown_id_says_where_ids_are_and_where_we_could_not_look(terminal):
    await terminal.fault(kind="status", status=403, api="v2", region="fr-par", path="/backups")

    reply = await terminal.run("backup show no-such-backup")

    assert not reply.ok
    assert "“backup list CLUSTER” lists the ids" in render_plain(reply)
    assert "could not be read: v2 fr/par" in render_plain(reply)


async def test_a_backup_of_a_cluster_that_may_not_be_seen_is_not_found(tmp_path, monkeypatch):
    settings = tmp_path / "app.yaml"
    settings.write_text(
        "ionos: {contracts: [{name: shop, token: env:DEMO_TOKEN_SHOP}]}\n"
        "people: {developer: [U0ALICE]}\n"
        "permissions: [{to: [developer], allow: ['backup *'], clusters: [{name: 'orders*'}]}]\n"
    )
    alice = replace(OPERATOR, origin=Origin.SLACK, id="U0ALICE")
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        seen = await terminal.run(f"backup show {terminal.record('orders-prod').backups[0].v1_id}", alice)
        hidden = terminal.record("payments-prod").backups[0].v2_id
        refused = await terminal.run(f"backup show {hidden}", alice)
        unknown = await terminal.run("backup show 00000000", alice)

    assert seen.ok
    assert not refused.ok
    assert refused.title.replace(hidden, "") == unknown.title.replace("00000000", "")

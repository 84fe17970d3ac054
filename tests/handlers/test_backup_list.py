"""`backup list`: the fleet and one cluster; missing, late and broken backups are warnings."""

import copy
from dataclasses import replace
from datetime import timedelta

import pytest
from terminal_site import OPERATOR, terminal_site

from bot.demo.cloud.records import BackupRecord
from bot.domain.reply import Warn
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.domain.request import Origin

pytestmark = pytest.mark.anyio


class StuckBackup(BackupRecord):
    """A backup that the platform still calls active, although it has received nothing since `ended_at`."""

    def is_active(self, now):
        return True


def keep_active(terminal, name, behind, **changes):
    """Let a v2 cluster's backup end that long before now and stay active."""
    (backup,) = terminal.record(name).backups
    values = {field: getattr(backup, field) for field in BackupRecord.__dataclass_fields__}
    ended = terminal.kernel.clock.now() - behind
    terminal.record(name).backups[:] = [StuckBackup(**values | {"ended_at": ended} | changes)]


def list_warnings(reply):
    return [part.text for part in reply.parts if isinstance(part, Warn)]


async def test_every_cluster_has_one_row_and_those_with_a_warning_come_first(terminal, table):
    reply = await terminal.run("backup list")

    rows = table(reply)
    assert reply.title == "1 of 44 clusters has a backup problem"
    assert len(rows) == 44
    assert (rows[0]["Cluster"], rows[0]["Warning"]) == ("catalogue-next", "no backups")
    assert [row["Warning"] for row in rows[1:]] == [None] * 43
    assert list_warnings(reply) == ["catalogue-next: no backups."]
    data = make_document(reply)["data"]
    assert [each["cluster"]["name"] for each in data["windows"]] == [row["Cluster"] for row in rows]
    missing = data["windows"][0]
    assert (missing["problem"], missing["backup_count"], missing["latest_at"]) == ("missing", 0, None)
    assert {each["latest_at"] for each in data["windows"][1:]} == {"2026-11-23T09:00:00Z"}
    assert sum(each["backup_count"] for each in data["windows"]) == len(data["backups"])


async def test_a_row_says_newest_earliest_active_size_place_and_kept_days(terminal, table):
    rows = {row["Cluster"]: row for row in table(await terminal.run("backup list"))}

    first, second = rows["orders-prod"], rows["payments-prod"]
    now = terminal.kernel.clock.now()
    assert (first["Latest"], first["Age"], first["Earliest"]) == (now, "just now", now - timedelta(days=7))
    assert first["Current backup"].startswith(terminal.record("orders-prod").id)
    assert first["Size"].endswith("B")
    assert (first["Location"], first["Retention (days)"]) == ("de", None)
    assert (second["Size"], second["Retention (days)"]) == (None, 7)


async def test_the_fleet_is_read_by_lists_and_not_cluster_by_cluster(terminal):
    await terminal.run("backup list")

    paths = {row["path"] for row in terminal.cloud.calls.rows()}
    assert paths == {"/clusters", "/clusters/backups", "/backups"}


@pytest.mark.parametrize(("stale", "is_late"), [("24h", False), ("3h", False), ("90m", True)])
async def test_stale_is_what_the_asker_says(terminal, table, stale, is_late):
    keep_active(terminal, "payments-prod", timedelta(hours=2))

    rows = {row["Cluster"]: row for row in table(await terminal.run(f"backup list --stale {stale}"))}

    late = "the latest restorable time is 2 hours ago" if is_late else None
    assert (rows["payments-prod"]["Age"], rows["payments-prod"]["Warning"]) == ("2 hours ago", late)


async def test_a_backup_that_is_broken_or_not_ready_is_warned_of(terminal):
    now = terminal.kernel.clock.now()
    terminal.record("orders-prod").backups[0].recoverable_at = now + timedelta(days=1)
    keep_active(terminal, "payments-prod", timedelta(hours=2), recoverable_at=now - timedelta(hours=1))
    twice = terminal.record("search")
    twice.backups.append(copy.copy(twice.backups[0]))
    twice.backups[1].suffix = "another"
    terminal.record("hr-prod").backups[0].ended_at = now

    said = list_warnings(await terminal.run("backup list"))

    assert [each for each in said if each.startswith("orders-prod: the current backup can't be restored yet")]
    assert "payments-prod: the current backup ends before it starts." in said
    assert "search: 2 backups are current at once." in said
    assert "hr-prod: no backup is current." in said


async def test_a_warning_of_many_clusters_names_a_few(terminal):
    for each in terminal.cloud.everything():
        each.backups.clear()

    reply = await terminal.run("backup list")

    assert len(list_warnings(reply)) == 1
    assert list_warnings(reply)[0].endswith(" and 39 more: no backups.")


async def test_skip_goes_on_where_the_message_ended(terminal, table):
    everything = table(await terminal.run("backup list"))

    rest = await terminal.run("backup list --skip 40")
    assert table(rest) == everything[40:]
    assert len(make_document(rest)["data"]["windows"]) == 4


async def test_a_place_that_does_not_let_us_look_is_named_and_missing_is_not_claimed(terminal, table):
    await terminal.fault(kind="status", status=403, api="v2", region="de-fra", path="/backups")

    reply = await terminal.run("backup list")

    rows = {row["Cluster"]: row for row in table(reply)}
    assert [each for each in list_warnings(reply) if each.startswith("Could not read v2 de/fra")]
    assert "not everything could be read" in rows["catalogue-prod"]["Warning"]
    assert (rows["catalogue-prod"]["Backups"], rows["orders-prod"]["Warning"]) == (None, None)
    windows = {each["cluster"]["name"]: each for each in make_document(reply)["data"]["windows"]}
    assert (windows["catalogue-prod"]["problem"], windows["catalogue-prod"]["backup_count"]) == (
        "unread",
        None,
    )
    assert reply.ok


async def test_nothing_read_is_not_nothing_there(terminal):
    await terminal.fault(kind="status", status=401)

    reply = await terminal.run("backup list")

    assert not reply.ok
    assert "Nothing could be read" in render_plain(reply)


async def test_one_cluster_shows_each_of_its_backups_the_active_one_first(terminal, table):
    orders = terminal.record("orders-prod")
    terminal.cloud.new_backup(orders, terminal.kernel.clock.now() - timedelta(hours=5))

    reply = await terminal.run("backup list orders-prod")

    rows = table(reply)
    assert [row["Current"] for row in rows] == [True, False]
    assert rows[1]["To"] is None  # v1 does not tell where an ended backup ends
    assert rows[0]["From"] == terminal.kernel.clock.now() - timedelta(hours=5) + timedelta(minutes=1)
    assert reply.title == "orders-prod can be restored from 2026-11-16 09:00 UTC to 2026-11-23 09:00 UTC"
    assert "v1 keeps backups for 7 days" in render_plain(reply)
    data = make_document(reply)["data"]
    assert [each["id"] for each in data["backups"]] == [row["Backup"] for row in rows]
    assert [(each["cluster"]["id"], each["backup_count"]) for each in data["windows"]] == [(orders.id, 2)]


async def test_one_v2_cluster_tells_how_long_its_backups_are_kept(terminal, fields):
    shown = fields(await terminal.run("backup list payments-prod"))

    assert (shown["Location"], shown["Retention (days)"]) == ("eu-central-3", 7)


async def test_one_cluster_without_a_backup(terminal):
    reply = await terminal.run("backup list catalogue-next")

    assert reply.title == "catalogue-next has no restorable backup"
    assert list_warnings(reply) == ["catalogue-next: no backups."]


async def test_one_cluster_whose_backups_cannot_be_read_is_an_error(terminal):
    await terminal.fault(kind="status", status=403, api="v1", path="/clusters/*/backups")

    reply = await terminal.run("backup list orders-prod")

    assert not reply.ok
    assert "they lack the permission for this" in reply.title


async def test_a_stale_that_is_no_duration_is_refused_before_any_call(terminal):
    reply = await terminal.run("backup list --stale 2026-11-20")

    assert not reply.ok
    assert "as a duration" in reply.title
    assert terminal.cloud.calls.count() == 0


async def test_only_clusters_that_the_asker_may_see_are_listed(tmp_path, monkeypatch, table):
    settings = tmp_path / "app.yaml"
    settings.write_text(
        "ionos: {contracts: [{name: shop, token: env:DEMO_TOKEN_SHOP}]}\n"
        "people: {developer: [U0ALICE]}\n"
        "permissions: [{to: [developer], allow: ['backup *'], clusters: [{name: 'orders*'}]}]\n"
    )
    alice = replace(OPERATOR, origin=Origin.SLACK, id="U0ALICE")
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        rows = table(await terminal.run("backup list", alice))
        refused = await terminal.run("backup list payments-prod", alice)

    assert {row["Cluster"] for row in rows} == {"orders-prod", "orders-prod-eu", "orders-staging"}
    assert not refused.ok

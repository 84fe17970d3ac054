"""`migration impact`: users of features that v2 lacks, their places, numbers and substitutes."""

from dataclasses import replace

import pytest
from migration_site import DBA, days, migration_site, record, rows
from terminal_site import OPERATOR

from bot.domain.reply import GAP_WARNING
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio
ALICE = replace(OPERATOR, person="U0ALICE")


async def test_uses_are_counted_by_command_person_and_channel(terminal):
    await terminal.run("user list orders-prod", actor=DBA, channel="C0OPS")
    await terminal.run("user list orders-prod", actor=DBA, channel="C0OPS")
    await terminal.run("user show orders-prod orders")
    await terminal.run("database list orders-prod")
    await terminal.run("log show orders-prod")
    await terminal.run("cluster list")

    reply = await terminal.run("migration impact")

    found = [(row["Command"], row["Channel"], row["Uses"]) for row in rows(reply, "uses")]
    assert found == [
        ("user list", "C0OPS", 2),
        ("database list", None, 1),
        ("log show", None, 1),
        ("user show", None, 1),
    ]
    assert reply.title == "5 uses of commands that v2 does not support in the last 90 days"
    data = make_document(reply)["data"]
    assert data["uses"][0] == {
        "command": "user list",
        "actor": "slack:U0BOB",
        "channel": "C0OPS",
        "uses": 2,
        "last_at": "2026-11-23T09:00:00Z",
    }
    assert [each["operation"] for each in data["operations"]][:2] == ["managing users", "managing databases"]


async def test_the_substitute_is_said_for_what_was_used_and_only_for_that(terminal):
    await terminal.run("user list orders-prod")

    text = render_plain(await terminal.run("migration impact"))

    assert "Managing users: Connect as the primary user and use SQL." in text
    assert "Managing databases" not in text


async def test_what_was_refused_or_mistyped_is_no_use(terminal):
    await terminal.run("user list no-such-cluster")
    await terminal.run("user list orders-prod", actor=ALICE)

    reply = await terminal.run("migration impact")

    assert reply.title == "No uses of commands that v2 does not support in the last 90 days"


async def test_a_restore_counts_only_where_it_names_its_backup(terminal):
    await terminal.run("restore orders-prod --newest --reason why", actor=DBA)
    assert rows(await terminal.run("migration impact"), "uses") == []

    backups = (await terminal.kernel.fleet.all_backups()).items
    backup = next(each for each in backups if each.cluster_id == record(terminal, "orders-prod").id)
    await terminal.run(f"restore orders-prod --newest --backup {backup.id} --reason why", actor=DBA)

    (found,) = rows(await terminal.run("migration impact"), "uses")
    assert (found["Command"], found["Uses"]) == ("restore", 1)


async def test_only_the_last_days_count_and_an_older_beginning_is_not_claimed(terminal):
    await terminal.run("user list orders-prod")
    days(terminal, 31)

    recent = await terminal.run("migration impact --days 30")
    longer = await terminal.run("migration impact")

    assert rows(recent, "uses") == []
    assert "The audit log begins" not in render_plain(recent)
    assert len(rows(longer, "uses")) == 1
    assert "The audit log begins on 2026-11-23, so earlier uses are unknown." in render_plain(longer)


async def test_uses_about_clusters_that_one_may_not_see_are_left_out(tmp_path, monkeypatch):
    words = {'"change *", "audit *"': '"change *", "audit *", "migration *"'}
    async with migration_site(tmp_path, monkeypatch, words=words) as terminal:
        await terminal.run("user list orders-staging")
        hers = await terminal.run("migration impact", actor=replace(OPERATOR, person="U0VERA"))
        his = await terminal.run("migration impact", actor=DBA)

    assert rows(hers, "uses") == []
    assert len(rows(his, "uses")) == 1


async def test_where_it_could_not_look_is_said_to_those_who_may_not_see_all(tmp_path, monkeypatch):
    words = {'"change *", "audit *"': '"change *", "audit *", "migration *"'}
    async with migration_site(tmp_path, monkeypatch, words=words) as terminal:
        await terminal.fault(kind="status", status=403, api="v1", path="/clusters")
        hers = await terminal.run("migration impact", actor=replace(OPERATOR, person="U0VERA"))
        his = await terminal.run("migration impact", actor=DBA)

    assert "Could not read v1" in render_plain(hers)
    assert "those about clusters that you may see" in render_plain(hers)
    assert GAP_WARNING not in render_plain(his)

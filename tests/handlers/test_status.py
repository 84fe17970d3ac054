"""`status`: states, backups and maintenance of the whole fleet on one screen."""

from datetime import timedelta

import pytest
from change_requests import BOB, ask, become
from terminal_site import terminal_site

from bot.demo.cloud.records import WindowRecord
from bot.domain.reply import Table, Warn
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


def rows_of(reply, caption):
    found = next(part for part in reply.parts if isinstance(part, Table) and part.caption == caption)
    return [dict(zip(found.labels, row, strict=True)) for row in found.rows]


async def test_the_title_counts_clusters_by_state(terminal):
    title = (await terminal.run("status")).title

    assert title.startswith("12 of 44 clusters are not available: 2 busy, ")
    assert "1 degraded" in title
    assert "1 hibernated" in title


async def test_what_is_not_available_is_named_with_its_last_change_and_words(terminal):
    rows = {row["Name"]: row for row in rows_of(await terminal.run("status"), "Not AVAILABLE")}

    assert len(rows) == 12
    assert "orders-prod" not in rows
    assert (rows["catalogue-next"]["State"], rows["catalogue-next"]["Last change"]) == (
        "PROVISIONING",
        "1 minute ago",
    )
    assert "no free address" in rows["recommendations-test"]["Message"]


async def test_one_screen_is_kept_to(terminal):
    for each in terminal.cloud.everything():
        each.phase, each.steps = "FAILED", []

    reply = await terminal.run("status")

    assert len(rows_of(reply, "Not AVAILABLE")) == 12
    assert "32 more that are not AVAILABLE" in render_plain(reply)


async def test_a_fleet_at_rest_says_so(terminal):
    for each in terminal.cloud.everything():
        each.phase, each.steps = "AVAILABLE", []

    assert "Every cluster is AVAILABLE." in render_plain(await terminal.run("status"))


async def test_backups_that_are_missing_wrong_or_behind_are_named(terminal, fields):
    records = {each.name: each for each in terminal.cloud.everything()}
    ended = terminal.kernel.clock.now() - timedelta(hours=30)
    records["payments-prod"].backups[0].ended_at = ended
    records["orders-prod"].backups.clear()

    reply = await terminal.run("status")

    shown = fields(reply)
    assert shown["Backups in order"] == "41 of 44"
    assert shown["Missing"] == "orders-prod, catalogue-next"
    assert shown["With problems"] == "payments-prod"
    assert shown["Furthest behind"] == "payments-prod: up to 2026-11-22 03:00 UTC, 30 hours ago"
    assert "Could not be read" not in shown
    data = make_document(reply)["data"]
    late = next(each for each in data["recovery"] if each["cluster"]["name"] == "payments-prod")
    assert (late["problem"], late["latest_at"]) == ("no_current", "2026-11-22T03:00:00Z")
    assert len(data["clusters"]) == len(data["recovery"]) == 44


async def test_the_next_three_maintenance_windows_come_by_time(terminal):
    plan = {"orders-prod": ("08:00:00", "Monday"), "payments-prod": ("09:01:00", "Monday")}
    for each in terminal.cloud.everything():
        each.window = WindowRecord(*plan.get(each.name, ("12:00:00", "Thursday")))

    rows = rows_of(await terminal.run("status"), "Next maintenance windows")

    assert [row["Cluster"] for row in rows][:2] == ["orders-prod", "payments-prod"]
    assert [row["When"] for row in rows] == ["open for another 3 hours", "in 1 minute", "in 3 days"]
    assert rows[2]["Starts"] == terminal.kernel.clock.now() + timedelta(days=3, hours=3)


async def test_a_window_that_is_not_known_is_counted(terminal):
    assert "The maintenance window of 1 cluster is unknown." in render_plain(await terminal.run("status"))


async def test_a_place_that_does_not_let_us_look_is_named_once_and_nothing_is_claimed_of_it(
    three_contracts, fields
):
    await three_contracts.fault(kind="status", status=403, api="v2", region="de-fra", path="/backups")

    reply = await three_contracts.run("status")

    gaps = [part.text for part in reply.parts if isinstance(part, Warn)]
    assert len(gaps) == len(set(gaps)) == 3
    assert "catalogue-prod" in fields(reply)["Could not be read"]
    assert "Missing" not in fields(reply)
    assert reply.ok


async def test_nothing_read_is_not_nothing_there(terminal):
    await terminal.fault(kind="status", status=401)

    reply = await terminal.run("status")

    assert not reply.ok
    assert "Nothing could be read" in render_plain(reply)


async def test_an_empty_fleet_says_so(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch, clusters=0) as terminal:
        reply = await terminal.run("status")

    assert reply.ok
    assert "No clusters are visible to you" in render_plain(reply)


async def test_changes_that_need_somebody_to_say_how_they_ended_are_counted(terminal):
    record = await ask(terminal, "cluster rename orders-staging orders-stage", BOB)
    assert (await terminal.run(f"change confirm {record.id} --name orders-staging", BOB)).ok
    await become(terminal.kernel, record.id, armed=True)
    before = render_plain(await terminal.run("status", BOB))
    terminal.kernel.clock.advance(timedelta(hours=4))
    after = render_plain(await terminal.run("status", BOB))

    assert "to say how" not in before
    assert f"1 change needs its outcome recorded with “change settle”: {record.id}." in after
    assert (await terminal.run(f"change settle {record.id} ran", BOB)).ok
    assert "to say how" not in render_plain(await terminal.run("status", BOB))

"""`summary backups`: which need a look, which nobody could look at, and whose restore was drilled."""

from datetime import timedelta

import pytest
from change_requests import BOB as DBA
from change_requests import ask
from report_terminal import (
    ALICE,
    VERA,
    fields,
    hourly,
    mentioned,
    refusal,
    report_terminal,
    table,
    warnings,
)

from bot.audit.records import AuditEntry
from bot.changes.record import ChangeState
from bot.changes.transitions import Transition
from bot.demo.cloud.records import BackupRecord, Phase
from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch) as terminal:
        terminal.kernel.clock.advance(timedelta(hours=1))  # catalogue-next is created by then
        yield terminal


async def store_drill(terminal, name, state, actor=DBA):
    """Store a drill in this state."""
    record = await ask(terminal, f"drill {name}", actor)
    at = terminal.kernel.clock.now()
    entry = AuditEntry(
        at=at, kind="change", trace="t", team="T0", actor="slack:x", channel="", change=record.id
    )
    step = Transition(at=at, entry=entry, fields={"state": state.value, "ended_at": at})
    await terminal.kernel.dispatcher.changes.rows.step(record.id, lambda _: step)


async def test_all_in_order_is_said_of_both_apis(terminal):
    reply = await terminal.say("summary backups")

    assert reply.title == "All 42 clusters have good backups"
    assert fields(reply) == {"In order": "42 of 42", "Drilled in 3 months": "0 of 42"}
    assert mentioned(reply) == set()


async def test_what_needs_a_look_is_listed_and_its_owner_mentioned(terminal):
    terminal.record("orders-prod").backups.clear()
    terminal.record("payments-prod").backups.clear()

    reply = await terminal.say("summary backups")

    assert reply.title == "2 of 42 clusters have a backup problem"
    assert table(reply, "Backups that need attention") == [
        {"Cluster": "orders-prod", "Warning": "no backups", "Owner": "@alice"},
        {"Cluster": "payments-prod", "Warning": "no backups", "Owner": "@carol"},
    ]
    assert fields(reply)["In order"] == "40 of 42"
    data = make_document(reply)["data"]
    wrong = [each for each in data["clusters"] if each["problem"]]
    assert [(each["cluster"]["name"], each["problem"], each["latest_at"]) for each in wrong] == [
        ("orders-prod", "missing", None),
        ("payments-prod", "missing", None),
    ]
    assert (len(data["clusters"]), data["left_clusters"]) == (42, [])
    assert mentioned(reply) == {"U0ALICE", "U0CAROL"}


async def test_one_that_is_being_made_is_nobody_s_turn(terminal):
    terminal.record("payments-prod").backups.clear()
    terminal.record("payments-prod").phase = Phase.CREATING

    reply = await terminal.say("summary backups")

    assert reply.title == "1 of 42 clusters has a backup problem"
    assert mentioned(reply) == set()


class Stuck(BackupRecord):
    """A backup that the platform still calls active, although it has received nothing since `ended_at`."""

    def is_active(self, now):
        return True


@pytest.mark.parametrize(("flag", "is_late"), [("", False), (" --stale 3h", False), (" --stale 1h", True)])
async def test_stale_is_what_is_asked_for(terminal, flag, is_late):
    [backup] = terminal.record("payments-prod").backups
    values = {name: getattr(backup, name) for name in BackupRecord.__dataclass_fields__}
    values["ended_at"] = terminal.kernel.clock.now() - timedelta(hours=2)
    terminal.record("payments-prod").backups[:] = [Stuck(**values)]

    reply = await terminal.say(f"summary backups{flag}")

    late = "the latest restorable time is 2 hours ago"
    assert [row["Warning"] for row in table(reply, "Backups that need attention")] == [late] * is_late


async def test_what_nobody_could_look_at_is_neither_in_order_nor_wrong(terminal):
    await terminal.fault(kind="status", status=403, api="v2", region="de-txl", path="/backups")

    reply = await terminal.say("summary backups")

    unsure = table(reply, "Backups that could not be read")
    assert len(warnings(reply)) == 1
    assert reply.title == (
        f"The backups of {len(unsure)} of 42 clusters could not be read; 1 endpoint could not be read"
    )
    assert "payments-prod" in {row["Cluster"] for row in unsure}
    assert fields(reply)["In order"] == f"{42 - len(unsure)} of 42"
    assert table(reply, "Backups that need attention") == []
    assert mentioned(reply) == set()
    assert all(each.startswith("Could not read v2 de/txl") for each in warnings(reply))


async def test_only_a_drill_that_succeeded_proves_anything(terminal):
    await store_drill(terminal, "orders-prod", ChangeState.DONE)
    await store_drill(terminal, "orders-staging", ChangeState.FAILED)
    await store_drill(terminal, "ledger-prod", ChangeState.WITHDRAWN)
    await store_drill(terminal, "payments-prod", ChangeState.UNKNOWN)

    reply = await terminal.say("summary backups")

    assert {row["Cluster"]: row["Result"] for row in table(reply, "Drills")} == {
        "orders-prod": "succeeded",
        "orders-staging": "failed",
        "payments-prod": "outcome unknown",
    }
    assert fields(reply)["Drilled in 3 months"] == "1 of 42"
    assert mentioned(reply) == {"U0ALICE", "U0CAROL"}


async def test_the_last_drill_of_a_cluster_counts_as_long_as_it_was_not_too_long_ago(terminal):
    await store_drill(terminal, "orders-prod", ChangeState.FAILED)
    terminal.kernel.clock.advance(timedelta(days=1))
    await store_drill(terminal, "orders-prod", ChangeState.DONE)
    terminal.kernel.clock.advance(timedelta(days=29))

    within = await terminal.say("summary backups --drills 30d")
    terminal.kernel.clock.advance(timedelta(days=2))
    after = await terminal.say("summary backups --drills 30d")

    assert fields(within)["Drilled in 30 days"] == "1 of 42"
    assert [row["Result"] for row in table(within, "Drills")] == ["succeeded"]
    assert fields(after)["Drilled in 30 days"] == "0 of 42"
    assert table(after, "Drills") == []


async def test_a_drill_of_a_cluster_that_is_gone_is_not_counted(terminal):
    await store_drill(terminal, "orders-prod", ChangeState.DONE)
    terminal.cloud.discard(terminal.record("orders-prod"))

    assert fields(await terminal.say("summary backups"))["Drilled in 3 months"] == "0 of 41"


async def test_what_is_new_in_exact_sentences_and_a_heartbeat_where_nothing_is(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary backups") as report:
        terminal = report.terminal
        await report.next()
        quiet = await report.next()
        kept = {each.id: list(each.backups) for each in terminal.cloud.everything() if each.name == "search"}
        for each in terminal.cloud.everything():
            if each.name == "search":
                each.backups.clear()
        await store_drill(terminal, "orders-prod", ChangeState.DONE)
        news = await report.news()
        for each in terminal.cloud.everything():
            each.backups.extend(kept.get(each.id, []))
        over = await report.news()

    assert quiet.title == (
        "hourly: no change since Mon 23 Nov 11:00 (UTC). All 42 clusters have good backups"
    )
    assert news == [
        "In order: 39 of 42, was 42 of 42.",
        "Drilled in 3 months: 1 of 42, was 0 of 42.",
        "New under “Backups that need attention”: search (de/txl), search (fr/par), search (gb/lhr).",
        "New under “Drills”: orders-prod.",
    ]
    assert over == [
        "In order: 42 of 42, was 39 of 42.",
        "No longer under “Backups that need attention”: search (de/txl), search (fr/par), search (gb/lhr).",
    ]


async def test_nothing_that_could_be_read_is_no_report_and_no_clusters_are_no_failure(terminal):
    for each in list(terminal.cloud.everything()):
        terminal.cloud.discard(each)
    empty = await terminal.say("summary backups")
    await terminal.fault(kind="status", status=403)
    blind = await terminal.say("summary backups")

    assert (empty.ok, empty.title) == (True, "No clusters are visible to you")
    assert not blind.ok
    assert blind.title.startswith("No cluster could be read; ")


async def test_everybody_gets_the_numbers_of_what_they_may_see(terminal):
    await store_drill(terminal, "ledger-prod", ChangeState.DONE)

    reply = await terminal.say("summary backups", ALICE)

    assert reply.title == "All 3 clusters have good backups"
    assert fields(reply)["Drilled in 3 months"] == "0 of 3"
    assert "You may not run “summary backups” here" in refusal(await terminal.say("summary backups", VERA))


@pytest.mark.parametrize("flag", ["--stale", "--drills"])
async def test_what_is_no_duration_is_refused_before_any_call(terminal, flag):
    said = refusal(await terminal.say(f"summary backups {flag} 2026-11-20"))

    assert said == "I can't read “2026-11-20” as a duration.\nTry 15m, 2h, 3d or 1h30m."
    assert terminal.cloud.calls.count() == 0

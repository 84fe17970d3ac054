"""`migration status`: the fleet's verdicts, totals, and the changes since the last run."""

import json
from copy import copy
from dataclasses import replace
from pathlib import Path

import pytest
from migration_site import DBA, days, fields, migrate, migration_site, record, rows
from terminal_site import OPERATOR, terminal_site

import migrations.formats
from bot.domain.reply import Warn
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.domain.request import Invocation

pytestmark = pytest.mark.anyio
SCHEMA = Path(migrations.formats.__file__).with_name("readiness.schema.json")


@pytest.fixture
async def calm(terminal):
    """Return a fleet whose initial operations have all ended."""
    days(terminal, 1)
    return terminal


async def test_every_v1_cluster_has_a_row_the_worst_first(terminal):
    reply = await terminal.run("migration status")

    found = rows(reply, "readiness")
    verdicts = [row["Verdict"] for row in found]
    assert reply.title == "8 of 29 v1 clusters are blocked, 11 need work, 10 are ready"
    assert {row["Clients"] for row in found} == {"not known"}
    assert "About clients: no pgbot scan report is listed" in render_plain(reply)
    assert len(found) == 29
    assert verdicts == sorted(verdicts, key=["blocked", "needs work", "inconclusive", "ready"].index)
    prod_row = next(row for row in found if row["Cluster"] == "ledger-prod")
    assert prod_row["Region"] == "de/txl"
    assert prod_row["In v2"] == "pending"
    assert prod_row["Worst finding"] == "PGR020 Replication mode SYNCHRONOUS does not exist in v2"
    assert prod_row["Since"] == terminal.kernel.clock.now()
    data = make_document(reply)["data"]
    assert data["changes"] is None
    assert data["clusters"][0]["worst"]["severity"] == "blocker"
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert data["clients"].keys() == schema["properties"]["clients"]["properties"].keys()
    assert data["verdicts"].keys() == schema["properties"]["verdicts"]["properties"].keys()
    assert data["coverage"].keys() == schema["$defs"]["coverage"]["properties"].keys()
    own = {"tier", "worst", "since", "was"}
    assert data["clusters"][0].keys() - own <= schema["$defs"]["cluster"]["properties"].keys()


async def test_clusters_are_found_by_what_their_clients_do(terminal):
    await terminal.run("user list orders-prod")

    reply = await terminal.run("migration status --clients still-on-v1")

    assert [row["Cluster"] for row in rows(reply, "readiness")] == ["orders-prod"]
    assert fields(reply)["Clients still on v1"] == 1
    history = await terminal.run("migration history")
    assert rows(history, "burn-down")[0]["Clients still on v1"] == 1
    assert "Clusters whose clients may still use v1: no forecast" in render_plain(history)


async def test_totals_count_the_clusters_that_are_on_v2_alone(terminal):
    totals = fields(await terminal.run("migration status"))

    assert totals == {
        "Visible in v2": 0,
        "Pending": 29,
        "Undetermined": 0,
        "Clients still on v1": 0,
        "Clients not known": 29,
        "Clients off v1": 0,
        "Only on v2": 15,
        "Previously seen in v1": 0,
    }


@pytest.mark.parametrize(
    ("flags", "column", "value"),
    [
        ("--verdict blocked", "Verdict", "blocked"),
        ("--verdict needs-work", "Verdict", "needs work"),
        ("--owner @ALICE", "Owner", "@alice"),
        ("--region DE-FRA", "Region", "de/fra"),
    ],
)
async def test_a_filter_leaves_what_fits_and_says_of_how_many(terminal, flags, column, value):
    reply = await terminal.run(f"migration status {flags}")

    found = rows(reply, "readiness")
    assert 0 < len(found) < 29
    assert {row[column] for row in found} == {value}
    assert reply.title.startswith(f"{len(found)} of 29 v1 clusters ")
    assert fields(reply)["Pending"] == 29


async def test_tier_comes_from_app_yaml(terminal):
    names = [row["Cluster"] for row in rows(await terminal.run("migration status --tier prod"), "readiness")]

    assert names
    assert all("prod" in name for name in names)


@pytest.mark.parametrize("word", ["inconclusive", "cannot-tell"])
async def test_nothing_that_fits_is_said_also_for_the_word_of_earlier_releases(terminal, word):
    reply = await terminal.run(f"migration status --verdict {word}")

    assert reply.title == "None of 29 v1 clusters matches"
    assert reply.ok


async def test_the_first_run_has_nothing_to_compare_with_and_the_second_nothing_new(calm):
    first = render_plain(await calm.run("migration status"))
    days(calm, 1)
    second = render_plain(await calm.run("migration status"))

    assert "There is no earlier run to compare with." in first
    assert "Since the last run, 2026-11-24 09:00 UTC: nothing has changed." in second


async def test_what_has_changed_since_the_last_run_is_listed(calm):
    await calm.run("migration status")
    days(calm, 1)
    record(calm, "ledger-prod").replication = "ASYNCHRONOUS"
    migrate(calm, "orders-prod")

    reply = await calm.run("migration status")

    changes = {row["Cluster"]: (row["Was"], row["Now"]) for row in rows(reply, "readiness-changes")}
    assert changes == {
        "ledger-prod": ("blocked, clients not known, pending", "ready, clients not known, pending"),
        "orders-prod": ("ready, clients not known, pending", "only in v2"),
    }
    since = {row["Cluster"]: row["Since"] for row in rows(reply, "readiness")}
    assert since["ledger-prod"] == calm.kernel.clock.now()
    assert since["hr-prod"] < since["ledger-prod"]
    assert "orders-prod" not in since
    assert fields(reply)["Only on v2"] == 15  # one of the 15 was being deleted on the first day
    assert fields(reply)["Previously seen in v1"] == 1
    data = make_document(reply)["data"]
    assert [(each["name"], each["verdict"], each["standing"]) for each in data["changes"]] == [
        ("ledger-prod", "ready", "pending"),
        ("orders-prod", None, "only in v2"),
    ]
    assert data["changes"][1]["was"] == {"standing": "pending", "verdict": "ready", "clients": "not known"}
    assert data["last_run_at"] == "2026-11-24T09:00:00Z"
    assert data["standings"]["only in v2"] == 1
    assert len(data["clusters"]) == sum(data["verdicts"].values())


async def test_a_cluster_that_both_apis_show_is_visible_and_still_has_a_verdict(terminal):
    terminal.cloud.switches = replace(terminal.cloud.switches, v2_clusters_in_v1=True)
    migrate(terminal, "orders-prod")

    reply = await terminal.run("migration status")

    orders = next(row for row in rows(reply, "readiness") if row["Cluster"] == "orders-prod")
    assert orders["In v2"] == "visible in v2"
    assert fields(reply)["Visible in v2"] == 16  # with the switch, those born on v2 are shown by v1 as well
    assert fields(reply)["Only on v2"] == 0


async def test_a_probable_successor_is_neither_visible_nor_alone_nor_pending(calm):
    before = record(calm, "ledger-prod")
    alone = fields(await calm.run("migration status"))["Only on v2"]
    successor = copy(before)
    successor.id, successor.api = calm.cloud.new_id(), "v2"
    calm.cloud.add(successor)

    both = await calm.run("migration status")
    calm.cloud.discard(before)
    after = await calm.run("migration status")

    shown = next(row for row in rows(both, "readiness") if row["Cluster"] == "ledger-prod")
    assert shown["In v2"] == "probable successor"
    assert (fields(both)["Visible in v2"], fields(both)["Probable successor"]) == (0, 1)
    assert fields(both)["Only on v2"] == alone
    (changed,) = rows(after, "readiness-changes")
    assert changed["Now"] == "only a probable successor in v2"
    assert fields(after)["Previously seen in v1"] == 1


async def test_a_cluster_that_neither_api_shows_any_more_is_listed_once(calm):
    await calm.run("migration status")
    days(calm, 1)
    calm.cloud.discard(record(calm, "wiki"))

    gone = rows(await calm.run("migration status"), "readiness-changes")
    days(calm, 1)
    later = rows(await calm.run("migration status"), "readiness-changes")

    assert [(row["Cluster"], row["Now"]) for row in gone] == [("wiki", "in neither")]
    assert later == []


async def test_a_region_that_refuses_makes_its_clusters_undetermined_and_nothing_gone(terminal):
    await terminal.run("migration status")
    await terminal.fault(kind="status", status=403, api="v2", region="de-txl")

    reply = await terminal.run("migration status")

    standings = {row["Cluster"]: row["In v2"] for row in rows(reply, "readiness")}
    assert standings["orders-prod"] == "undetermined"
    assert standings["hr-prod"] == "pending"
    assert any("de/txl" in part.text for part in reply.parts if isinstance(part, Warn))
    assert "did not respond completely" in render_plain(reply)


async def test_v1_that_does_not_answer_is_not_a_fleet_without_clusters(terminal):
    await terminal.run("migration status")
    await terminal.fault(kind="status", status=403, api="v1")

    reply = await terminal.run("migration status")

    assert not reply.ok
    assert reply.title == "v1 could not be read"
    assert "Nothing could be read" in render_plain(reply)
    assert rows(reply, "readiness-changes") == []


async def test_a_fleet_without_v1_clusters_is_not_called_good(tmp_path, monkeypatch):
    async with migration_site(tmp_path, monkeypatch, clusters=1) as terminal:
        terminal.cloud.discard(next(iter(terminal.cloud.everything())))
        reply = await terminal.run("migration status")

    assert reply.ok
    assert "This does not mean that all is well" in render_plain(reply)


async def test_somebody_who_sees_less_neither_sees_the_rest_nor_takes_it_for_gone(tmp_path, monkeypatch):
    words = {'"change *", "audit *"': '"change *", "audit *", "migration *"'}
    vera = replace(OPERATOR, person="U0VERA")
    async with migration_site(tmp_path, monkeypatch, words=words) as terminal:
        days(terminal, 1)
        await terminal.run("migration status", actor=DBA)
        days(terminal, 1)
        hers = await terminal.run("migration status", actor=vera)
        days(terminal, 1)
        his = await terminal.run("migration status", actor=DBA)

    names = [row["Cluster"] for row in rows(hers, "readiness")]
    assert names
    assert all("prod" in name for name in names)
    assert rows(hers, "readiness-changes") == []
    assert rows(his, "readiness-changes") == []
    assert fields(hers)["Only on v2"] < 15
    assert "hr-staging" not in render_plain(hers)
    assert "hr-staging" in json.dumps(make_document(his))
    document = make_document(hers)
    assert "hr-staging" not in json.dumps(document)
    assert len(document["data"]["clusters"]) == sum(document["data"]["standings"].values()) == len(names)


async def test_progress_is_told_to_whoever_waits(terminal):
    said = []

    async def progress(words):
        said.append(words)

    invocation = Invocation(
        key="test:progress",
        trace="feedbeef",
        actor=OPERATOR,
        channel="",
        text="migration status",
        at=terminal.kernel.clock.now(),
    )
    await terminal.kernel.dispatcher.dispatch(invocation, progress=progress)

    assert said[0].startswith("Reading clusters")


async def test_rows_can_be_skipped(terminal):
    whole = rows(await terminal.run("migration status"), "readiness")
    rest = rows(await terminal.run("migration status --skip 27"), "readiness")

    assert [row["Cluster"] for row in rest] == [row["Cluster"] for row in whole[27:]]


async def test_without_any_contract_it_says_how_to_give_one(tmp_path, monkeypatch):
    empty = tmp_path / "app.yaml"
    empty.write_text("")
    async with terminal_site(tmp_path, monkeypatch, settings=empty) as terminal:
        reply = await terminal.run("migration status")

    assert not reply.ok
    assert "IONOS_TOKEN" in render_plain(reply)

"""`summary migration`: moved and blocked clusters, expiring waivers, and the projected end."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from migration_site import migrate
from report_terminal import (
    ALICE,
    NOBODY,
    VERA,
    fields,
    hourly,
    mentioned,
    notes,
    refusal,
    report_terminal,
    table,
    texts,
    warnings,
)

from bot.domain.reply import Chart
from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


BLOCKED = {
    "archive-2019": "PGR030",
    "fulfilment-prod": "PGR005",
    "geo-staging": "PGR006",
    "ledger-prod": "PGR020",
}
"""Clusters and the rule that blocks them."""

KEPT = {
    *BLOCKED,
    "hr-prod",
    "orders-prod",
    "orders-prod-eu",
    "orders-staging",
    "payments-prod",
    "search",
    "wiki",
}
"""Eleven on v1, two of them called search; on v2 payments-prod and a third search."""


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch) as terminal:
        yield keep_few_clusters(terminal)


def keep_few_clusters(terminal):
    """Return a small fleet: every judgement looks at each cluster in several ways."""
    for each in list(terminal.cloud.everything()):
        if each.name not in KEPT:
            terminal.cloud.discard(each)
    pass_days(terminal, 1)
    return terminal


def pass_days(terminal, number):
    """Let this many days pass."""
    terminal.kernel.clock.advance(timedelta(days=number))


def make_waiver(cluster="ledger-prod", until=date(2026, 12, 1), **more):
    """Return a waiver of app.yaml."""
    said = {"rule": "PGR020", "cluster": cluster, "until": until, "owner": "U0CAROL", "reason": "known"}
    return said | more


def list_charts(reply):
    return [part for part in reply.parts if isinstance(part, Chart)]


async def test_the_numbers_and_what_is_blocked(terminal):
    reply = await terminal.say("summary migration")

    assert reply.title == "11 v1 clusters: 11 pending; 4 blocked"
    assert fields(reply) == {
        "Visible in v2": 0,
        "Pending": 11,
        "Undetermined": 0,
        "Only in v2": 0,
        "In neither": 0,
        "Ready": 5,
        "Needs work": 2,
        "Blocked": 4,
        "Inconclusive": 0,
        "Clients still on v1": 0,
        "Clients not known": 11,
        "Clients off v1": 0,
    }
    data = make_document(reply)["data"]
    assert data["verdicts"] == {"ready": 5, "needs work": 2, "blocked": 4, "inconclusive": 0}
    assert [each["worst"]["rule"] for each in data["clusters"] if each["verdict"] == "blocked"] == list(
        BLOCKED.values()
    )
    assert [(each["day"], each["standings"]["pending"]) for each in data["days"]] == [("2026-11-24", 11)]
    assert [(row["Cluster"], row["Worst finding"]) for row in table(reply, "Blocked")] == list(
        BLOCKED.items()
    )
    assert notes(reply) == [
        "About clients: no pgbot scan report is listed under migration.evidence in app.yaml.",
        "“migration status” lists every cluster. A visible cluster has not necessarily moved.",
    ]


async def test_it_says_the_same_as_migration_status_and_feeds_its_history(terminal):
    status = fields(await terminal.say("migration status"))
    pass_days(terminal, 1)
    summary = fields(await terminal.say("summary migration"))
    runs = await terminal.kernel.dispatcher.readiness.snapshots.runs()

    assert {name: summary[name] for name in ("Pending", "Undetermined", "Visible in v2")} == {
        name: status[name] for name in ("Pending", "Undetermined", "Visible in v2")
    }
    assert len(runs) == 2


async def test_what_both_apis_show_is_visible_and_not_pending(terminal):
    terminal.cloud.switches = replace(terminal.cloud.switches, v1_clusters_in_v2=True)

    reply = await terminal.say("summary migration")

    assert reply.title.startswith("11 v1 clusters: 10 visible in v2, 1 pending; ")
    assert len(table(reply, "Visible in v2")) == 10
    assert (fields(reply)["Visible in v2"], fields(reply)["Pending"]) == (10, 1)


async def test_owners_of_what_is_blocked_are_mentioned_and_no_others(terminal):
    assert mentioned(await terminal.say("summary migration")) == set()

    terminal.record("orders-prod").replication = "SYNCHRONOUS"
    assert mentioned(await terminal.say("summary migration")) == {"U0ALICE"}


async def test_what_moved_what_is_blocked_and_what_is_gone_in_exact_sentences(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary migration") as report:
        terminal = keep_few_clusters(report.terminal)
        await report.runner.look()
        await report.next()
        quiet = await report.next()
        migrate(terminal, "orders-prod")
        await report.news()
        terminal.record("hr-prod").replication = "SYNCHRONOUS"
        terminal.cloud.discard(terminal.record("wiki"))
        for each in list(terminal.cloud.everything()):
            if each.name == "search" and each.api == "v1":
                migrate_one(terminal, each)
        news = await report.news()

    assert quiet.title == (
        "hourly: no change since Tue 24 Nov 11:00 (UTC). 11 v1 clusters: 11 pending; 4 blocked"
    )
    assert "Pending: 7, was 10." in news
    assert "Only in v2: 3, was 1." in news
    assert "In neither: 1, was 0." in news
    assert "New under “Blocked”: hr-prod." in news
    assert "New under “Only in v2”: search (de/txl), search (fr/par)." in news
    assert "New under “In neither”: wiki." in news
    assert not [each for each in news if each.startswith("No longer")]


def migrate_one(terminal, record):
    """Migrate one of several clusters with the same name."""
    name, record.name = record.name, "the-one"
    migrate(terminal, "the-one")
    terminal.record("the-one").name = name


async def test_what_is_not_blocked_any_more_is_said(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary migration") as report:
        keep_few_clusters(report.terminal)
        await report.next()
        report.terminal.record("ledger-prod").replication = "ASYNCHRONOUS"
        news = await report.news()

    assert "No longer under “Blocked”: ledger-prod." in news


async def test_a_region_that_refuses_makes_its_clusters_undetermined_and_nothing_gone(terminal):
    await terminal.say("summary migration")
    await terminal.fault(kind="status", status=403, api="v2", region="de-txl")

    reply = await terminal.say("summary migration")

    shown = fields(reply)
    assert shown["Undetermined"] > 0
    assert shown["Pending"] + shown["Undetermined"] == 11
    assert (shown["Only in v2"], shown["In neither"]) == (0, 0)
    assert f"{shown['Pending']} pending, {shown['Undetermined']} undetermined; " in reply.title
    assert reply.title.endswith("; 1 endpoint could not be read")
    [gap] = warnings(reply)
    assert "v2 de/txl" in gap


async def test_v1_that_does_not_answer_is_no_report(terminal):
    await terminal.fault(kind="status", status=403, api="v1")

    reply = await terminal.say("summary migration")

    assert not reply.ok
    assert reply.title == "v1 could not be read"


async def test_waivers_of_both_places_that_end_soon(tmp_path, monkeypatch):
    lines = [
        make_waiver("ledger-*", date(2026, 12, 1)),
        make_waiver("orders-prod", date(2026, 12, 1)),  # its rule does not fire there
        make_waiver("geo-staging", date(2027, 3, 1), rule="PGR006"),
        make_waiver("archive-2019", date(2026, 11, 20), rule="PGR030"),  # over already
    ]
    async with report_terminal(tmp_path, monkeypatch, waivers=lines) as terminal:
        keep_few_clusters(terminal)
        given = 'migration waive PGR005 fulfilment-prod --until 3d --reason "it is attached later"'
        assert (await terminal.say(given)).ok
        fortnight = await terminal.say("summary migration")
        two_days = await terminal.say("summary migration --lapse 2d")
        half_a_year = await terminal.say("summary migration --lapse 180d")

    assert table(fortnight, "Waivers about to expire") == [
        {"Waiver": "PGR005 for fulfilment-prod", "Until": "2026-11-27 09:00 UTC", "Owner": "U0BOB"},
        {"Waiver": "PGR020 for ledger-prod", "Until": "2026-12-02 00:00 UTC", "Owner": "U0CAROL"},
    ]
    assert mentioned(fortnight) == {"U0BOB", "U0CAROL"}
    expiring = make_document(fortnight)["data"]["expiring_waivers"]
    assert [(each["rule"], each["cluster"]["name"], each["until"], each["owner"]) for each in expiring] == [
        ("PGR005", "fulfilment-prod", "2026-11-27T09:00:00Z", "U0BOB"),
        ("PGR020", "ledger-prod", "2026-12-02T00:00:00Z", "U0CAROL"),
    ]
    assert table(two_days, "Waivers about to expire") == []
    assert mentioned(two_days) == set()
    assert len(table(half_a_year, "Waivers about to expire")) == 3


async def test_a_waiver_that_lapses_is_news_twice(tmp_path, monkeypatch):
    lines = [make_waiver("ledger-prod", date(2026, 11, 24))]
    async with hourly(tmp_path, monkeypatch, "summary migration --lapse 12h", waivers=lines) as report:
        keep_few_clusters(report.terminal)
        await report.next()
        soon = await report.news()
        report.terminal.kernel.clock.advance(timedelta(hours=12))
        lapsed = await report.news()

    assert "New under “Waivers about to expire”: PGR020 for ledger-prod." in soon
    assert "New under “Blocked”: ledger-prod." in lapsed
    assert "No longer under “Waivers about to expire”: PGR020 for ledger-prod." in lapsed


async def test_the_forecast_comes_of_its_own_runs(terminal):
    first = await terminal.say("summary migration")
    for name in ("orders-prod", "wiki", "hr-prod"):
        pass_days(terminal, 7)
        migrate(terminal, name)
        last = await terminal.say("summary migration")

    assert texts(first) == ["No forecast: it needs runs on 3 different days, over at least 7 days."]
    assert list_charts(first) == []
    assert texts(last) == [
        "Forecast: none pending by 2027-02-09 (1.0 clusters a week over the last 21 days)."
    ]
    assert "; none pending by 2027-02-09" in last.title
    [chart] = list_charts(last)
    assert (chart.labels[0], chart.labels[-1]) == ("2026-11-24", "2026-12-15")
    pending, blocked = chart.series
    assert (pending[0], pending[1][0], pending[1][-1]) == ("pending", 11, 8)
    assert (blocked[0], blocked[1][-1]) == ("blocked", len(table(last, "Blocked")))


async def test_everybody_gets_the_numbers_of_what_they_may_see(terminal):
    await terminal.say("summary migration")

    hers = await terminal.say("summary migration", ALICE)
    his = await terminal.say("summary migration")

    assert hers.title.startswith("3 v1 clusters: 3 pending; ")
    data = make_document(hers)["data"]
    assert len(data["clusters"]) == data["days"][-1]["standings"]["pending"] == 3
    assert fields(hers)["In neither"] == 0
    assert his.title.startswith("11 v1 clusters: 11 pending; ")


async def test_who_may_not_is_told_so_and_the_terminal_reads(terminal):
    refused = refusal(await terminal.say("summary migration", VERA))
    answer = await terminal.say("summary migration", NOBODY, "")

    assert "You may not run “summary migration” here" in refused
    assert answer.ok


async def test_what_is_no_duration_is_refused_before_any_call(terminal):
    said = refusal(await terminal.say("summary migration --lapse soon"))

    assert said == "I can't read “soon” as a duration.\nTry 15m, 2h, 3d or 1h30m."
    assert terminal.cloud.calls.count() == 0

"""`summary fleet`: true numbers, clusters that need attention, people to act; and differences as a report."""

import pytest
from report_terminal import (
    ALICE,
    NOBODY,
    VERA,
    fields,
    hourly,
    mentioned,
    refusal,
    report_terminal,
    table,
    texts,
    warnings,
)

from bot.demo.cloud.records import Phase
from bot.domain.reply import Chart
from bot.domain.reply_document import make_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with report_terminal(tmp_path, monkeypatch) as terminal:
        yield terminal


def rest_clusters(terminal, *unrest):
    """Put every cluster at rest, except these."""
    for each in terminal.cloud.everything():
        each.steps.clear()
        each.phase = Phase.AVAILABLE
    for name, phase in unrest:
        terminal.record(name).phase = phase


async def test_the_numbers_of_both_apis_and_every_cluster_that_does_not_rest(terminal):
    rest_clusters(
        terminal, ("orders-prod", Phase.DEGRADED), ("payments-prod", Phase.CHANGING), ("wiki", "MAINTENANCE")
    )

    reply = await terminal.say("summary fleet")

    assert reply.title == "3 of 44 clusters are not available: 1 degraded, 1 in maintenance, 1 updating"
    assert fields(reply) == {"Clusters": 44, "On v1": 29, "On v2": 15}
    assert table(reply, "Not AVAILABLE") == [
        {"Cluster": "orders-prod", "State": "DEGRADED", "Owner": "@alice", "Region": "de/txl"},
        {"Cluster": "payments-prod", "State": "UPDATING", "Owner": "@carol", "Region": "de/txl"},
        {"Cluster": "wiki", "State": "MAINTENANCE", "Owner": None, "Region": "gb/bhx"},
    ]
    data = make_document(reply)["data"]
    assert [(each["name"], each["owner"]) for each in data["not_available"]] == [
        ("orders-prod", "@alice"),
        ("payments-prod", "@carol"),
        ("wiki", None),
    ]
    assert (data["cluster_count"], data["by_api"]) == (44, {"v1": 29, "v2": 15})


async def test_a_fleet_at_rest_is_said_in_a_sentence(terminal):
    rest_clusters(terminal)

    reply = await terminal.say("summary fleet")

    assert reply.title == "All 44 clusters are available"
    assert texts(reply) == ["Every cluster is AVAILABLE."]
    assert mentioned(reply) == set()


@pytest.mark.parametrize(
    ("name", "phase", "people"),
    [
        ("orders-prod", Phase.FAILED, {"U0ALICE"}),
        ("orders-prod", Phase.DEGRADED, {"U0ALICE"}),
        ("orders-prod", Phase.CHANGING, set()),
        ("orders-prod", Phase.DESTROYING, set()),
        ("payments-prod", Phase.FAILED, {"U0CAROL"}),
        ("payments-prod", Phase.CREATING, set()),
        ("payments-prod", Phase.CHANGING, set()),
        ("wiki", Phase.FAILED, set()),
    ],
)
async def test_owners_are_mentioned_only_where_it_does_not_end_by_itself(terminal, name, phase, people):
    rest_clusters(terminal, (name, phase))

    assert mentioned(await terminal.say("summary fleet")) == people


async def test_clusters_of_one_name_are_told_apart(terminal):
    rest_clusters(terminal)
    for each in terminal.cloud.everything():
        if each.name in {"search", "hr-prod", "hr-staging"}:
            each.phase = Phase.FAILED
            each.name = each.name.partition("-")[0]

    named = [row["Cluster"] for row in table(await terminal.say("summary fleet"), "Not AVAILABLE")]

    twins = sorted(f"hr ({each.id})" for each in terminal.cloud.everything() if each.name == "hr")
    assert named == [*twins, "search (de/txl)", "search (fr/par)", "search (gb/lhr)"]


async def test_what_is_new_in_exact_sentences_and_a_heartbeat_where_nothing_is(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary fleet") as report:
        terminal = report.terminal
        rest_clusters(terminal, ("wiki", Phase.FAILED))
        first = await report.next()
        quiet = await report.next()
        terminal.record("wiki").phase = Phase.DEGRADED
        for each in terminal.cloud.everything():
            if each.name == "search":
                each.phase = Phase.FAILED
        news = await report.news()
        rest_clusters(terminal)
        over = await report.news()

    assert texts(first) == ["This is the first run, so there is nothing to compare with yet."]
    assert quiet.title == (
        "hourly: no change since Mon 23 Nov 11:00 (UTC). 1 of 44 clusters is not available: 1 failed"
    )
    assert quiet.parts == ()
    assert news == [
        "New under “Not AVAILABLE”: search (de/txl), search (fr/par), search (gb/lhr).",
        "wiki: State is DEGRADED, was FAILED.",
    ]
    assert over == [
        "No longer under “Not AVAILABLE”: search (de/txl), search (fr/par), search (gb/lhr), wiki."
    ]


async def test_a_trend_is_drawn_once_there_is_one(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary fleet") as report:
        for failed in ((), ("wiki",), ("wiki", "orders-prod")):
            rest_clusters(report.terminal, *((name, Phase.FAILED) for name in failed))
            told = await report.next()

    [chart] = [part for part in told.parts if isinstance(part, Chart)]
    assert chart.series == (("Not AVAILABLE", (0.0, 1.0, 2.0)),)


async def test_places_that_did_not_answer_are_named_and_nothing_is_called_well_or_gone(tmp_path, monkeypatch):
    async with hourly(tmp_path, monkeypatch, "summary fleet") as report:
        terminal = report.terminal
        rest_clusters(terminal, ("payments-prod", Phase.FAILED))
        await report.next()
        await terminal.fault(kind="status", status=403, api="v2", region="de-txl")
        partial = await report.next()
        reply = await terminal.say("summary fleet")

    assert partial.title.endswith("; 1 endpoint could not be read")
    assert all(each.startswith("Could not read v2 de/txl") for each in warnings(partial))
    assert "Not seen this time under “Not AVAILABLE”: payments-prod." in texts(partial)[0]
    assert texts(reply) == ["Every cluster that could be read is AVAILABLE."]
    assert reply.ok


async def test_nothing_that_could_be_read_is_no_report(terminal):
    await terminal.fault(kind="status", status=403)

    reply = await terminal.say("summary fleet")

    assert not reply.ok
    assert reply.title.startswith("No cluster could be read; ")
    assert warnings(reply)


async def test_no_clusters_are_no_failure(terminal):
    for each in list(terminal.cloud.everything()):
        terminal.cloud.discard(each)

    reply = await terminal.say("summary fleet")

    assert (reply.ok, reply.title) == (True, "No clusters are visible to you")


async def test_everybody_gets_the_numbers_of_what_they_may_see(terminal):
    rest_clusters(terminal, ("wiki", Phase.FAILED))

    reply = await terminal.say("summary fleet", ALICE)

    assert reply.title == "All 3 clusters are available"
    assert "You may not run “summary fleet” here" in refusal(await terminal.say("summary fleet", VERA))


async def test_from_the_terminal_for_machines(terminal):
    rest_clusters(terminal)

    reply = await terminal.say("summary fleet", NOBODY, "")

    assert (reply.ok, reply.title) == (True, "All 44 clusters are available")


async def test_words_too_many_are_refused(terminal):
    assert "got too many arguments" in refusal(await terminal.say("summary fleet please"))

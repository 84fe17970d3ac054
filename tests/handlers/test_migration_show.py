"""`migration show`: findings with evidence and remedy, questions, waivers, and the twins."""

from dataclasses import replace

import pytest
from migration_site import DBA, days, fields, migrate, record, rows

from bot.domain.reply import Choices, Code, Text
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain
from bot.slack.message_renderer import render

pytestmark = pytest.mark.anyio


def _is_rule(part):
    return isinstance(part, Text) and part.text.startswith("[")


async def test_a_finding_says_what_to_do_and_the_rest_on_request(terminal):
    reply = await terminal.run("migration show ledger-prod")
    details = await terminal.run("migration show ledger-prod --details")

    blocker = next(part.text for part in reply.parts if isinstance(part, Text) and "PGR020" in part.text)
    (choices,) = [part for part in reply.parts if isinstance(part, Choices)]
    lines = [part.text.split("\n") for part in reply.parts if _is_rule(part)]
    assert blocker.startswith("[blocker] PGR020 Replication mode SYNCHRONOUS does not exist in v2\nRemedy: ")
    assert choices.choices[1].command == f"migration show {record(terminal, 'ledger-prod').id} --details"
    assert all(len(each) <= 2 for each in lines)
    assert len(render_plain(reply).split()) < 0.5 * len(render_plain(details).split())


async def test_every_finding_has_evidence_and_remedy_in_the_details(terminal):
    reply = await terminal.run("migration show ledger-prod --details")

    blocker = next(part.text for part in reply.parts if isinstance(part, Text) and "PGR020" in part.text)
    assert reply.title == "ledger-prod: blocked, pending"
    assert blocker.startswith(
        "[blocker] PGR020 Replication mode SYNCHRONOUS does not exist in v2 (documented)"
    )
    assert "Evidence: properties.synchronizationMode = SYNCHRONOUS (v1 GET /clusters)" in blocker
    assert "Remedy: Choose ASYNCHRONOUS" in blocker
    assert "`pgbot run cluster replication ledger-prod`" in blocker
    assert "Source: " in blocker
    assert fields(reply)["Clients"] == "not known"
    shown = make_document(reply)["data"]["readiness"]
    assert (shown["verdict"], shown["standing"], shown["findings"][0]["rule"]) == (
        "blocked",
        "pending",
        "PGR020",
    )
    status = make_document(await terminal.run("migration status"))["data"]
    listed = next(each for each in status["clusters"] if each["name"] == "ledger-prod")
    shared = listed.keys() & shown.keys()
    assert {key: listed[key] for key in shared} == {key: shown[key] for key in shared}
    assert fields(reply)["In v2"] == "pending: not visible in v2"


async def test_findings_come_the_worst_first_and_questions_last(terminal):
    reply = await terminal.run("migration show ledger-prod --details")

    labels = [part.text[1:].partition("]")[0] for part in reply.parts if _is_rule(part)]
    clients = next(
        n for n, part in enumerate(reply.parts) if getattr(part, "text", "").startswith("Clients:")
    )
    about_clients = reply.parts[clients:]
    labels = labels[: -sum(map(_is_rule, about_clients))]
    assert any("PGR100" in part.text for part in about_clients if _is_rule(part))
    order = ["blocker", "action", "advice", "info", "inconclusive", "ask"]
    assert labels == sorted(labels, key=order.index)
    assert "Ask: For how many days should v2 keep backups?" in render_plain(reply)
    assert any("pg_roles" in part.text for part in reply.parts if isinstance(part, Code))


async def test_only_this_cluster_is_looked_into(terminal):
    await terminal.run("migration show orders-prod")

    assert terminal.cloud.calls.count("GET", "/clusters/{clusterId}/users") == 1


async def test_a_button_makes_the_pack(terminal):
    reply = await terminal.run("migration show orders-prod")

    (choices,) = [part for part in reply.parts if isinstance(part, Choices)]
    assert choices.choices[0].command == f"migration plan {record(terminal, 'orders-prod').id}"


async def test_it_fits_into_one_slack_message(terminal):
    message = render(await terminal.run("migration show ledger-prod"))

    assert message.blocks
    assert len(message.blocks) <= 50


async def test_a_waived_finding_says_who_lives_with_it(terminal):
    line = "migration waive PGR020 ledger-prod --until 30d --reason 'the owner agreed'"
    await terminal.run(line, actor=DBA)

    reply = await terminal.run("migration show ledger-prod")

    assert "Waived by U0BOB, until 2026-12-23T09:00:00Z: the owner agreed" in render_plain(reply)
    assert reply.title == "ledger-prod: ready, pending"


async def test_the_twins_are_compared_once_both_sides_are_visible(terminal):
    terminal.cloud.switches = replace(terminal.cloud.switches, v2_clusters_in_v1=True)
    migrate(terminal, "orders-prod")
    record(terminal, "orders-prod").name = "orders-renamed"

    reply = await terminal.run("migration show orders-renamed")

    assert reply.title.endswith("visible in v2")
    assert "PGR001" in render_plain(reply)
    assert "storage" in render_plain(reply)


async def test_a_cluster_that_v1_no_longer_shows_is_held_against_what_v1_last_showed(terminal):
    await terminal.run("migration watch")
    days(terminal, 1)
    migrate(terminal, "ledger-prod")

    reply = await terminal.run("migration show ledger-prod")

    found = {row["Field"]: row["Meaning"] for row in rows(reply, "v1-and-v2")}
    assert reply.title == "ledger-prod: only in v2"
    assert found["replication"] == "lost"


async def test_a_successor_under_another_id_is_held_against_the_one_before(terminal):
    await terminal.run("migration watch")
    moved = record(terminal, "ledger-prod")
    terminal.cloud.discard(moved)
    moved.id, moved.api = terminal.cloud.new_id(), "v2"
    terminal.cloud.add(moved)
    told = await terminal.run("migration watch")

    reply = await terminal.run("migration show ledger-prod")

    how = f"probable successor: same network, with the id {moved.id}"
    assert rows(told, "appeared-in-v2")[0]["Evidence"] == how
    assert told.title == "1 cluster with a probable successor in v2"
    assert reply.title == "ledger-prod: probable successor"
    assert "whose successor this probably is" in render_plain(reply)
    assert {row["Field"] for row in rows(reply, "v1-and-v2")} >= {"id", "dns_name"}
    data = make_document(reply)["data"]
    assert (data["standing"], data["readiness"]) == ("probable successor", None)
    assert data["comparison"]["v2"]["id"] == data["cluster"]["id"] == moved.id
    assert data["comparison"]["v1"]["replication"] == "SYNCHRONOUS"


async def test_a_cluster_that_was_never_seen_in_v1_says_so(terminal):
    reply = await terminal.run("migration show payments-prod")

    assert reply.title == "payments-prod: only in v2"
    assert "has never seen it in v1" in render_plain(reply)


async def test_a_place_that_refuses_is_named(terminal):
    await terminal.fault(kind="status", status=403, api="v2", region="de-txl")

    reply = await terminal.run("migration show orders-prod")

    assert reply.title == "orders-prod: inconclusive, undetermined"
    assert "Could not read v2 de/txl" in render_plain(reply)
    assert "[inconclusive]" in render_plain(reply)


async def test_a_cluster_that_does_not_exist_is_not_found(terminal):
    reply = await terminal.run("migration show no-such-cluster")

    assert not reply.ok
    assert "There is no cluster “no-such-cluster”" in render_plain(reply)

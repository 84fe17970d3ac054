"""`home`: a person's pending decisions, their own changes and clusters; and nothing they may not see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, CAROL, NOBODY, PROD, STAGING, TEST, VERA, ask, become, person, run_log

from bot.changes.transitions import Transition
from bot.domain.reply import GAP_WARNING, Choices, Table
from bot.domain.reply_text import render_plain
from bot.domain.request import Origin

pytestmark = pytest.mark.anyio


def list_tables(reply):
    return {part.caption: [row[0] for row in part.rows] for part in reply.parts if isinstance(part, Table)}


async def test_whoever_can_approve_sees_what_waits_for_them(terminal):
    record = await ask(terminal, PROD)

    reply = await terminal.run("home", BOB)
    assert reply.title == "1 change waits for you"
    assert list_tables(reply)["Waiting for your approval"] == [record.id]
    await terminal.run(f"change approve {record.id}", BOB)
    again = await terminal.run("home", BOB)
    assert again.title == "Nothing needs your attention"


async def test_whoever_asked_sees_what_is_not_decided_and_what_ended(terminal):
    waiting, over = await ask(terminal, PROD), await ask(terminal, STAGING)
    await terminal.run(f"change withdraw {over.id}", ALICE)

    shown = list_tables(await terminal.run("home", ALICE))
    assert shown["Your requests, waiting for a decision"] == [waiting.id]
    assert shown["Recently finished"] == [over.id]


@pytest.mark.parametrize("actor", [VERA, NOBODY])
async def test_others_are_asked_for_no_decision(terminal, actor):
    await ask(terminal, PROD)

    reply = await terminal.run("home", actor)
    assert reply.ok
    assert "Waiting for your approval" not in list_tables(reply)


RESIZE = "cluster resize orders-staging --cores 5"
"""Needs a confirmation."""


def list_buttons(reply):
    rows = [part.choices for part in reply.parts if isinstance(part, Choices)]
    return [[each.label for each in row] for row in rows]


async def store_fields(terminal, record, **fields):
    """Store the fields as the running bot would have by now."""
    rows = terminal.kernel.dispatcher.changes.rows
    await rows.step(record.id, lambda _: Transition(at=terminal.kernel.clock.now(), fields=fields))


async def test_what_only_the_requester_can_confirm_waits_for_them_and_for_nobody_else(terminal):
    record = await ask(terminal, RESIZE, BOB)

    reply = await terminal.run("home", BOB)
    assert reply.title == "1 change waits for you"
    assert list_tables(reply)["Waiting for your confirmation"] == [record.id]
    assert "Your requests, waiting for a decision" not in list_tables(reply)
    assert list_buttons(reply) == [[f"View {record.id}", "Confirm resize", "Withdraw"]]
    assert (await terminal.run("home", CAROL)).title == "Nothing needs your attention"
    assert (await terminal.run(f"change confirm {record.id}", BOB)).ok
    assert (await terminal.run("home", BOB)).title == "Nothing needs your attention"


async def test_what_needs_a_typed_name_waits_for_whoever_has_to_type_it(terminal):
    record = await ask(terminal, TEST, BOB)

    reply = await terminal.run("home", BOB)
    assert reply.title == "1 change waits for you"
    assert list_tables(reply)["Waiting for your confirmation"] == [record.id]


async def test_what_nobody_can_tell_waits_for_whoever_may_settle_it(terminal):
    record = await ask(terminal, STAGING, ALICE)
    await store_fields(terminal, record, state="unknown", result="Nobody can tell")

    for actor in (ALICE, BOB):
        reply = await terminal.run("home", actor)
        assert reply.title == "1 change waits for you"
        assert [record.id] in list_tables(reply).values()
        assert list_buttons(reply) == [[f"View {record.id}", "It ran", "It did not run"]]
    assert "unknown" not in render_plain(await terminal.run("home", VERA))


async def test_what_went_ahead_without_approval_waits_for_its_review_however_long_ago(terminal):
    record = await ask(terminal, PROD, ALICE)
    glass = f'change breakglass {record.id} --name orders-prod --reason "all hands"'
    assert (await terminal.run(glass, BOB)).ok
    await become(terminal.kernel, record.id, armed=True)
    await run_log(terminal.kernel).end(record.id, reached=True, words="", differs=[])
    terminal.kernel.clock.advance(timedelta(days=40))

    reply = await terminal.run("home", CAROL)
    assert reply.title == "1 change waits for you"
    assert list_tables(reply)["Waiting for your review after break-glass"] == [record.id]
    assert list_buttons(reply) == [[f"View {record.id}", "Review"]]
    assert (await terminal.run("home", BOB)).title == "Nothing needs your attention"
    await terminal.run(f"change review {record.id}", CAROL)
    assert (await terminal.run("home", CAROL)).title == "Nothing needs your attention"


async def test_what_is_queued_or_runs_is_under_way_with_what_it_waits_for(terminal):
    first, second = await ask(terminal, STAGING), await ask(terminal, STAGING)
    for each in (first, second):
        await terminal.run(f"change approve {each.id}", BOB)
    await store_fields(terminal, first, state="running", progress="The cluster is BUSY")

    reply = await terminal.run("home", ALICE)
    assert reply.title == "Nothing needs your attention"
    assert set(list_tables(reply)["In progress"]) == {first.id, second.id}
    assert {f"View {each.id}" for each in (first, second)} == {*list_buttons(reply)[0]}
    assert f"Queued behind {first.id} on the same cluster, next in line" in render_plain(reply)


async def test_that_the_clusters_could_not_be_looked_at_is_said_to_those_who_may_list_them(terminal):
    await terminal.fault(kind="status", status=403, path="/clusters")
    nora = replace(person("U0NEW", "nora"), origin=Origin.SLACK, id="U0NEW")

    said = render_plain(await terminal.run("home", BOB))
    assert "Could not read v1" in said
    assert "There are no clusters" not in said
    assert GAP_WARNING not in render_plain(await terminal.run("home", nora))

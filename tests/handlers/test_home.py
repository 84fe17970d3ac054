"""`home`: what waits for a person, what they asked for, their clusters; and nothing they may not see."""

from dataclasses import replace

import pytest
from decisions import ALICE, BOB, NOBODY, PROD, STAGING, VERA, ask, person

from bot.domain import Origin
from bot.reply import Table
from bot.text import plain

pytestmark = pytest.mark.anyio


def tables(reply):
    return {part.caption: [row[0] for row in part.rows] for part in reply.parts if isinstance(part, Table)}


async def test_whoever_can_approve_sees_what_waits_for_them(terminal):
    record = await ask(terminal, PROD)

    reply = await terminal.run("home", BOB)
    assert reply.title == "1 change to decide"
    assert tables(reply)["To decide by you"] == [record.id]
    await terminal.run(f"change approve {record.id}", BOB)
    again = await terminal.run("home", BOB)
    assert again.title == "Nothing waits for you"


async def test_whoever_asked_sees_what_is_not_decided_and_what_ended(terminal):
    waiting, over = await ask(terminal, PROD), await ask(terminal, STAGING)
    await terminal.run(f"change withdraw {over.id}", ALICE)

    shown = tables(await terminal.run("home", ALICE))
    assert shown["Asked for by you, not decided"] == [waiting.id]
    assert shown["Ended lately"] == [over.id]


@pytest.mark.parametrize("actor", [VERA, NOBODY])
async def test_others_are_asked_for_no_decision(terminal, actor):
    await ask(terminal, PROD)

    reply = await terminal.run("home", actor)
    assert reply.ok
    assert "To decide by you" not in tables(reply)


async def test_that_the_clusters_could_not_be_looked_at_is_said_to_those_who_may_list_them(terminal):
    await terminal.fault(kind="status", status=403, path="/clusters")
    nora = replace(person("U0NEW", "nora"), origin=Origin.SLACK, id="U0NEW")

    said = plain(await terminal.run("home", BOB))
    assert "Could not look at v1" in said
    assert "There are no clusters" not in said
    assert "Could not look" not in plain(await terminal.run("home", nora))

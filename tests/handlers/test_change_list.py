"""`change list`: what waits, what is mine, what there was; of clusters that one may see."""

from datetime import timedelta

import pytest
from decisions import ALICE, BOB, STAGING, VERA, ask

from bot.reply import Table

pytestmark = pytest.mark.anyio


def ids(reply):
    [table] = [part for part in reply.parts if isinstance(part, Table)]
    return [row[0] for row in table.rows]


async def test_the_newest_first_with_what_is_missing(terminal):
    first = await ask(terminal)
    terminal.kernel.clock.advance(timedelta(minutes=1))
    second = await ask(terminal, STAGING, BOB)

    reply = await terminal.run("change list", ALICE)
    assert ids(reply) == [second.id, first.id]
    [table] = [part for part in reply.parts if isinstance(part, Table)]
    assert table.rows[1][1:] == (
        "proposed",
        "Restore orders-prod to 2026-11-23 07:00:00 UTC",
        "alice",
        "1 minute ago",
        "2 × dba",
    )


async def test_open_mine_and_all(terminal):
    first, second = await ask(terminal), await ask(terminal, STAGING, BOB)
    await terminal.run(f"change withdraw {first.id}", ALICE)

    assert ids(await terminal.run("change list", BOB)) == [second.id]
    assert ids(await terminal.run("change list mine", ALICE)) == [first.id]
    assert set(ids(await terminal.run("change list all", ALICE))) == {first.id, second.id}
    terminal.kernel.clock.advance(timedelta(days=2))
    assert ids(await terminal.run("change list all --since 1d", ALICE)) == []


async def test_changes_of_clusters_that_one_may_not_see_are_left_out(terminal):
    prod, _ = await ask(terminal), await ask(terminal, STAGING, BOB)

    assert ids(await terminal.run("change list all", VERA)) == [prod.id]

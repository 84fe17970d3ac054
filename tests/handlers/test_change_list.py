"""`change list`: pending, own and past changes, of the clusters that one may see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, STAGING, TEST, VERA, ask, now

from bot.changes.transitions import Transition
from bot.domain.reply import Table
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


def list_ids(reply):
    return [row[0] for part in reply.parts if isinstance(part, Table) for row in part.rows]


async def test_the_newest_first_with_what_is_missing(terminal):
    first = await ask(terminal)
    terminal.kernel.clock.advance(timedelta(minutes=1))
    second = await ask(terminal, STAGING, BOB)

    reply = await terminal.run("change list", ALICE)
    assert reply.title == "2 open changes: 2 pending approval"
    assert list_ids(reply) == [second.id, first.id]
    [table] = [part for part in reply.parts if isinstance(part, Table)]
    assert table.rows[1][1:] == (
        "pending approval",
        "Restore orders-prod to 2026-11-23 07:00:00 UTC",
        "2 DBA approvals",
        "alice",
        "1 minute ago",
    )


async def test_what_waits_for_people_comes_before_what_runs(terminal):
    waiting, running = await ask(terminal), await ask(terminal, STAGING, BOB)
    started = Transition(at=terminal.kernel.clock.now(), fields={"state": "running"})
    await terminal.kernel.dispatcher.changes.rows.step(running.id, lambda _: started)

    reply = await terminal.run("change list", ALICE)
    assert list_ids(reply) == [waiting.id, running.id]
    assert reply.title == "2 open changes: 1 pending approval, 1 running"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("change list", "There are no open changes that you may see"),
        ("change list mine", "You have no changes"),
        ("change list all", "There are no changes that you may see"),
    ],
)
async def test_without_changes_it_says_where_to_look(terminal, line, title):
    reply = await terminal.run(line, ALICE)

    assert reply.title == title
    assert "change list all" in render_plain(reply) or "--since 90d" in render_plain(reply)


async def test_open_mine_and_all(terminal):
    first, second = await ask(terminal), await ask(terminal, STAGING, BOB)
    await terminal.run(f"change withdraw {first.id}", ALICE)

    assert list_ids(await terminal.run("change list", BOB)) == [second.id]
    assert list_ids(await terminal.run("change list mine", ALICE)) == [first.id]
    assert set(list_ids(await terminal.run("change list all", ALICE))) == {first.id, second.id}
    terminal.kernel.clock.advance(timedelta(days=2))
    # Open changes are listed at any age.
    assert list_ids(await terminal.run("change list all --since 1d", ALICE)) == [second.id]


async def test_changes_of_clusters_that_one_may_not_see_are_left_out(terminal):
    prod, _ = await ask(terminal), await ask(terminal, STAGING, BOB)

    assert list_ids(await terminal.run("change list all", VERA)) == [prod.id]


async def read_cell(terminal, record, column, actor=BOB):
    """Return the list's cell of one change in one column."""
    reply = await terminal.run("change list", actor)
    [table] = [part for part in reply.parts if isinstance(part, Table)]
    [row] = [row for row in table.rows if row[0] == record.id]
    return dict(zip(table.labels, row, strict=True))[column]


async def test_an_open_change_is_not_lost_behind_a_hundred_newer_ones_that_are_over(terminal):
    waiting = await ask(terminal)
    over = await ask(terminal, STAGING)
    await terminal.run(f"change withdraw {over.id}", ALICE)
    rows = terminal.kernel.dispatcher.changes.rows
    withdrawn = await now(terminal, over)
    for number in range(100):
        at = withdrawn.proposed_at + timedelta(seconds=number + 1)
        await rows.add(replace(withdrawn, id=f"c-over{number}", proposed_at=at, votes=()))

    assert list_ids(await terminal.run("change list", BOB)) == [waiting.id]
    reply = await terminal.run("change list all", BOB)
    assert len(list_ids(reply)) == 101
    assert list_ids(reply)[:2] == [waiting.id, "c-over99"]
    assert "Only the newest 100 finished changes are listed" in render_plain(reply)
    assert len(list_ids(await terminal.run("change list mine", ALICE))) == 101
    assert list_ids(await terminal.run("change list mine", BOB)) == []


MISSING = "Waiting for, or progress"


async def test_what_waits_for_its_requester_says_so(terminal):
    confirm = await ask(terminal, "cluster resize orders-staging --cores 5", BOB)
    name = await ask(terminal, TEST, BOB)

    assert await read_cell(terminal, confirm, MISSING) == "bob to confirm"
    assert await read_cell(terminal, name, MISSING) == "bob to confirm with the cluster's name"


async def test_an_approved_change_says_what_it_waits_for_and_its_place(terminal):
    rows = terminal.kernel.dispatcher.changes.rows
    first, second, third = [await ask(terminal, STAGING) for _ in range(3)]
    for each in (first, second, third):
        await terminal.run(f"change approve {each.id}", BOB)
    running = Transition(at=terminal.kernel.clock.now(), fields={"state": "running"})
    await rows.step(first.id, lambda _: running)
    second, third = sorted((second, third), key=lambda each: each.id)

    waits = f"Queued behind {first.id} on the same cluster, next in line"
    limit = "If it isn't sent by 2026-11-23 09:15:00 UTC, it needs new decisions"
    assert await read_cell(terminal, second, MISSING) == f"{waits}. {limit}"
    behind = f"Queued behind {first.id} and {second.id} on the same cluster, 2nd in line"
    assert await read_cell(terminal, third, MISSING) == f"{behind}. {limit}"
    for each, words in ((second, waits), (third, behind)):
        assert f"{words}." in render_plain(await terminal.run(f"change show {each.id}", BOB))


async def test_changes_of_the_same_name_are_told_apart_by_what_they_do(terminal):
    one = await ask(terminal, "cluster resize orders-staging --cores 5", BOB)
    other = await ask(terminal, "cluster resize orders-staging --storage 300", BOB)

    assert await read_cell(terminal, one, "Action") == "Resize orders-staging (Cores per instance: 8 → 5)"
    assert "torage per instance: " in await read_cell(terminal, other, "Action")

"""`drill list`: clusters of drills until their deletion was seen, wherever people look for what is left."""

import pytest
from change_requests import BOB, CAROL, ask, now
from terminal_site import terminal_site
from workflow_kit import StepResults, WorkflowRunner, hurry

from bot.changes.record import ChangeState
from bot.changes.restore_drill import WATCHED
from bot.domain.reply import Choices, Table
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio

PLACES = ("drill list", "status", "summary backups")


@pytest.fixture
async def runner(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal, hurry(terminal):
        yield WorkflowRunner(terminal)


async def leave_behind(runner):
    """Run a drill whose contract has another name when its cluster is up; return its change and its
    cluster."""
    record = await runner.start()
    await runner.run(record, kill_at=WATCHED)
    runner.rename_contract()
    await runner.run(record)
    runner.fleet = None
    [left] = runner.drill_clusters(record)
    return await now(runner.terminal, record), left


def rows_of(reply):
    found = [part for part in reply.parts if isinstance(part, Table) and part.name == "drill-clusters"]
    return [row for table in found for row in table.rows]


def buttons_of(reply):
    choices = [each for part in reply.parts if isinstance(part, Choices) for each in part.choices]
    return [(each.label, each.command) for each in choices if each.command.startswith("cluster delete")]


LEFT = "A copy of orders-prod, available. It costs money until it is deleted."


async def test_without_a_drill_nothing_is_left(runner):
    assert (await runner.terminal.run("drill list", BOB)).title == "No drill cluster is left"


async def test_what_a_drill_left_is_shown_everywhere_until_a_change_has_deleted_it(runner):
    drill, left = await leave_behind(runner)
    terminal = runner.terminal
    for place in PLACES:
        reply = await terminal.run(place, BOB)
        assert [row[:4] for row in rows_of(reply)] == [(left.name, "AVAILABLE", "orders-prod", drill.id)]
        assert buttons_of(reply) == [(f"Delete {left.name}", f"cluster delete {left.id}")]
    page = await terminal.run("home", BOB)
    [item] = next(
        part.items for part in page.parts if getattr(part, "caption", "") == "Left behind by drills"
    )
    assert (item.title, item.lines) == (left.name, (LEFT,))
    assert [each.command for each in item.choices] == [f"cluster delete {left.id}"]
    deletion = await ask(terminal, f"cluster delete {left.id}", BOB)
    assert deletion.state is ChangeState.PROPOSED
    assert (await terminal.run(f"change approve {deletion.id}", CAROL)).ok
    runner.steps = StepResults()
    await runner.run(await runner.claim(deletion))

    assert (await terminal.run("drill list", BOB)).title == "No drill cluster is left"


async def test_one_that_is_not_found_stays_in_the_list_and_is_not_called_deleted(runner):
    drill, left = await leave_behind(runner)
    runner.terminal.cloud.discard(left)
    listed, status = [await runner.terminal.run(each, BOB) for each in ("drill list", "status")]

    assert [row[1] for row in rows_of(listed)] == ["not found, deletion not confirmed"]
    assert (buttons_of(listed), rows_of(status)) == ([], [])
    assert drill.id in render_plain(listed)
    [data] = make_document(listed)["data"]["clusters"]
    assert (data["cluster"]["id"], data["change_id"]) == (left.id, drill.id)
    assert (data["sight"], data["state"], data["is_left"]) == ("not_found", None, False)


async def test_a_listing_with_a_gap_says_that_nobody_could_look(runner):
    await leave_behind(runner)
    await runner.terminal.fault(kind="status", method="GET", path="/clusters", status=500)
    reply = await runner.terminal.run("drill list", BOB)

    assert [row[1] for row in rows_of(reply)] == ["could not be read"]


async def test_what_an_earlier_release_called_deleted_and_is_there_is_listed(runner):
    drill, left = await leave_behind(runner)
    path = runner.terminal.kernel.database
    await path.write(
        lambda db: db.execute(
            "UPDATE changes SET result = 'Done: it is deleted again' WHERE id = ?", [drill.id]
        )
    )

    assert [row[0] for row in rows_of(await runner.terminal.run("drill list", BOB))] == [left.name]


async def test_a_drill_that_deleted_its_cluster_leaves_nothing_and_one_that_runs_is_named(runner):
    record = await runner.start()
    await runner.run(record, kill_at="seen")
    running = await runner.terminal.run("drill list", BOB)
    await runner.run(record)

    assert [row[3] for row in rows_of(running)] == [record.id]
    assert buttons_of(running) == []
    assert (await runner.terminal.run("drill list", BOB)).title == "No drill cluster is left"

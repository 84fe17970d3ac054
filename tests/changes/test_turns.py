"""A change keeps its turn only while it may: it is stopped until it is sent, and waits out freezes."""

from datetime import timedelta

import anyio
import pytest
from carrying_out import Works, is_awaited
from decisions import ALICE, BOB, CAROL, PROD, ask, cluster, now
from terminal_site import terminal_site

from bot.changes.record import ChangeState
from bot.demo.cloud.records import Phase
from bot.demo.environment import SETTINGS

pytestmark = pytest.mark.anyio
RESTORE_PATH = "/clusters/{clusterId}/restore"
FREEZE = '{days: [mon], from: "10:30", to: "12:00", zone: "Europe/Berlin"}'
"""The clock begins on a Monday at ten in Berlin."""


@pytest.fixture
async def works(tmp_path, monkeypatch):
    settings = tmp_path / "app.yaml"
    frozen = f"      roles: {{dba: 2}}\n      freeze: [{FREEZE}]\n"
    settings.write_text(SETTINGS.read_text().replace("      roles: {dba: 2}\n", frozen, 1))
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        yield Works(terminal, ALICE)


async def begun(works):
    """Return a restore that has its turn, of a cluster that is busy by now."""
    record = await ask(works.terminal, PROD, ALICE)
    for person in (BOB, CAROL):
        assert (await works.terminal.run(f"change approve {record.id}", person)).ok
    cluster(works.terminal, "orders-prod").phase = Phase.CHANGING
    return await works.claimed(record)


async def until(works, record, holds):
    """Let minutes pass until the change is so."""
    with anyio.fail_after(20):
        while not holds(found := await now(works.terminal, record)):
            if is_awaited(works.terminal.kernel.clock):
                works.terminal.kernel.clock.advance(timedelta(minutes=1))
            await anyio.sleep(0.005)
    return found


async def test_a_freeze_that_begins_meanwhile_is_waited_for(works):
    record = await begun(works)
    async with anyio.create_task_group() as group:
        group.start_soon(works.run, record)
        await until(works, record, lambda each: "is BUSY" in each.progress)
        given_back = await until(works, record, lambda each: each.state is not ChangeState.RUNNING)

    assert given_back.state is ChangeState.APPROVED
    assert given_back.progress.startswith("Waits for the end of the freeze on 2026-11-23 11:00:00 UTC")
    assert given_back.started_at is None
    assert works.count(RESTORE_PATH, "POST") == 0
    assert [row["outcome"] for row in await works.terminal.audit() if row["change"] == record.id][-1] == (
        "turn given back"
    )


async def test_a_freeze_that_begins_right_before_it_is_sent_is_waited_for(works):
    record = await begun(works)
    cluster(works.terminal, "orders-prod").phase = Phase.AVAILABLE

    def passing(name):
        if name == "before arming":
            works.terminal.kernel.clock.advance(timedelta(minutes=45))

    await works.run(record, passing=passing)
    assert (await now(works.terminal, record)).state is ChangeState.APPROVED
    assert works.count(RESTORE_PATH, "POST") == 0


@pytest.mark.parametrize(
    ("person", "line", "state"),
    [
        (ALICE, "change withdraw {}", ChangeState.WITHDRAWN),
        (CAROL, "change cancel {}", ChangeState.WITHDRAWN),
        (BOB, "change approve {} --take-back", ChangeState.PROPOSED),
    ],
    ids=["withdrawn", "cancelled", "approval taken back"],
)
async def test_while_it_waits_for_its_cluster_it_can_be_stopped(works, person, line, state):
    record = await begun(works)
    async with anyio.create_task_group() as group:
        group.start_soon(works.run, record)
        await until(works, record, lambda each: "is BUSY" in each.progress)
        assert (await works.terminal.run(line.format(record.id), person)).ok
        cluster(works.terminal, "orders-prod").phase = Phase.AVAILABLE
        # The workflow ends by itself at its next look.
        works.terminal.kernel.clock.advance(timedelta(seconds=30))

    assert (await now(works.terminal, record)).state is state
    assert works.count(RESTORE_PATH, "POST") == 0

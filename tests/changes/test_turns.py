"""A change keeps its turn only while it may: it is stopped until it is sent, and waits out freezes."""

from datetime import timedelta

import anyio
import pytest
from change_requests import ALICE, BOB, CAROL, PROD, ask, cluster, now
from one_contract import SETTINGS
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner, is_awaited

from bot.changes.record import ChangeState
from bot.demo.cloud.records import Phase

pytestmark = pytest.mark.anyio
RESTORE_PATH = "/clusters/{clusterId}/restore"
FREEZE = '{days: [mon], from: "10:30", to: "12:00", zone: "Europe/Berlin"}'
"""The clock begins on a Monday at ten in Berlin."""


@pytest.fixture
async def runner(tmp_path, monkeypatch):
    settings = tmp_path / "app.yaml"
    frozen = f"      roles: {{dba: 2}}\n      freeze: [{FREEZE}]\n"
    settings.write_text(SETTINGS.read_text().replace("      roles: {dba: 2}\n", frozen, 1))
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        yield WorkflowRunner(terminal, ALICE)


async def begun(runner):
    """Return a restore that has its turn, of a cluster that is busy by now."""
    record = await ask(runner.terminal, PROD, ALICE)
    for person in (BOB, CAROL):
        assert (await runner.terminal.run(f"change approve {record.id}", person)).ok
    cluster(runner.terminal, "orders-prod").phase = Phase.CHANGING
    return await runner.claim(record)


async def until(runner, record, holds):
    """Let minutes pass until the change is so."""
    with anyio.fail_after(120):
        while not holds(found := await now(runner.terminal, record)):
            if is_awaited(runner.terminal.kernel.clock):
                runner.terminal.kernel.clock.advance(timedelta(minutes=1))
            await anyio.sleep(0.005)
    return found


async def test_a_freeze_that_begins_meanwhile_is_waited_for(runner):
    record = await begun(runner)
    async with anyio.create_task_group() as group:
        group.start_soon(runner.run, record)
        await until(runner, record, lambda each: "is BUSY" in each.progress)
        given_back = await until(runner, record, lambda each: each.state is not ChangeState.RUNNING)

    assert given_back.state is ChangeState.APPROVED
    assert given_back.progress.startswith("Held by a change freeze until 2026-11-23 11:00:00 UTC")
    assert given_back.started_at is None
    assert runner.count(RESTORE_PATH, "POST") == 0
    assert [row["outcome"] for row in await runner.terminal.audit() if row["change"] == record.id][-1] == (
        "turn given back"
    )


async def test_a_freeze_that_begins_right_before_it_is_sent_is_waited_for(runner):
    record = await begun(runner)
    cluster(runner.terminal, "orders-prod").phase = Phase.AVAILABLE

    def on_point(name):
        if name == "before arming":
            runner.terminal.kernel.clock.advance(timedelta(minutes=45))

    await runner.run(record, on_point=on_point)
    assert (await now(runner.terminal, record)).state is ChangeState.APPROVED
    assert runner.count(RESTORE_PATH, "POST") == 0


@pytest.mark.parametrize(
    ("person", "line", "state"),
    [
        (ALICE, "change withdraw {}", ChangeState.WITHDRAWN),
        (CAROL, "change cancel {}", ChangeState.WITHDRAWN),
        (BOB, "change approve {} --take-back", ChangeState.PROPOSED),
    ],
    ids=["withdrawn", "cancelled", "approval taken back"],
)
async def test_while_it_waits_for_its_cluster_it_can_be_stopped(runner, person, line, state):
    record = await begun(runner)
    async with anyio.create_task_group() as group:
        group.start_soon(runner.run, record)
        await until(runner, record, lambda each: "is BUSY" in each.progress)
        assert (await runner.terminal.run(line.format(record.id), person)).ok
        cluster(runner.terminal, "orders-prod").phase = Phase.AVAILABLE
        # The workflow ends by itself at its next look.
        runner.terminal.kernel.clock.advance(timedelta(seconds=30))

    assert (await now(runner.terminal, record)).state is state
    assert runner.count(RESTORE_PATH, "POST") == 0

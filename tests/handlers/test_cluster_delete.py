"""`cluster delete`: the losses, the leftovers for a while, and the proof that it is gone."""

from datetime import timedelta

import pytest
from change_requests import BOB, STAGING, ask, cluster, effects

from bot.changes.operation import ExecutionContext, probe_absence
from bot.domain.approval_requirement import RequirementKind
from bot.domain.attempt import Attempt
from bot.ionos.wait import GONE

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ["orders-staging", "catalogue-prod"])
async def test_the_plan_says_what_goes_and_what_can_be_brought_back(terminal, name):
    record = await ask(terminal, f"cluster delete {name} --reason x", BOB)

    assert effects(record)["Cluster"] == ("AVAILABLE", "deleted, with all its data")
    assert record.plan.warnings[0].startswith("This can't be undone. You can still restore")
    assert (record.plan.floor, record.plan.ending.states) == (RequirementKind.NAME, (GONE,))


async def test_it_is_sent_once_and_looked_for_afterwards(terminal):
    record = await ask(terminal, "cluster delete orders-staging", BOB)
    kernel = terminal.kernel
    context = ExecutionContext(
        fleet=kernel.fleet, settings=kernel.setup.settings, handover=None, now=kernel.clock.now
    )
    attempt = Attempt(armed_at=kernel.clock.now())
    assert await probe_absence(record.plan, context, attempt) is None

    change = kernel.dispatcher.registry.get(("cluster", "delete")).change
    assert await change.execute(record.plan, context) == ""
    assert (await probe_absence(record.plan, context, attempt)).words == "the cluster is DESTROYING"
    kernel.clock.advance(timedelta(days=1))
    assert (await probe_absence(record.plan, context, attempt)).words == "the cluster is gone"
    assert terminal.cloud.calls.count("DELETE", "/clusters/{clusterId}") == 1


async def test_a_restore_and_a_deletion_wait_for_each_other(terminal):
    first = await ask(terminal, STAGING, BOB)
    second = await ask(terminal, "cluster delete orders-staging", BOB)

    assert first.plan.target.id == second.plan.target.id == cluster(terminal, "orders-staging").id


async def test_what_is_going_already_is_not_deleted_again(terminal):
    reply = await terminal.run("cluster delete inventory-test", BOB)

    assert "is already being deleted" in reply.title


@pytest.mark.parametrize("line", ["cluster delete orders-prod", "cluster upgrade orders-prod 16"])
async def test_backups_that_could_not_all_be_read_are_not_called_none(terminal, line):
    for each in cluster(terminal, "orders-prod").backups:
        each.recoverable_at = terminal.kernel.clock.now() + timedelta(hours=1)
    await terminal.fault(kind="conflicting_entries", path="/clusters/*/backups")

    record = await ask(terminal, f"{line} --reason x", BOB)

    said = " ".join((*record.plan.warnings, *record.plan.notes))
    assert "No restorable backup could be read (v1 (contract shop): its list has different entries" in said
    assert "no restorable backup" not in said
    assert effects(record).get("Backups", ("1 or more",))[0].startswith("1 or more")

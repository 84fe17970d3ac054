"""Observations behind the plans of users and databases: the whole cluster where something is lost for
good."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import BOB, ask, cluster
from pyrage import x25519
from terminal_site import terminal_site
from workflow_kit import WorkflowRunner

pytestmark = pytest.mark.anyio

DESTRUCTIVE = ["user delete orders-prod orders", "database delete orders-prod orders"]
OTHERS = [
    "user create orders-prod orders_reporting",
    "user password orders-prod orders",
    "database create orders-prod archive --owner orders",
]


@pytest.fixture
async def runner(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        await terminal.run(f"key set {x25519.Identity.generate().to_public()}", BOB)
        yield WorkflowRunner(terminal)


async def is_still(runner, line, alter):
    """Return whether a change planned again after the cluster was altered still equals the stored one."""
    record = await ask(runner.terminal, line, BOB)
    alter(cluster(runner.terminal, "orders-prod"))
    return record.plan.is_still(await runner._replanned(record))


def resized(record):
    record.cores += 1


def changed_by_somebody(record):
    record.modified_at = record.created_at + timedelta(days=700)


def user_made_anew(record):
    record.users["orders"] = replace(
        record.users["orders"], created_at=record.created_at + timedelta(days=700)
    )


@pytest.mark.parametrize("alter", [resized, changed_by_somebody])
@pytest.mark.parametrize("line", DESTRUCTIVE)
async def test_what_deletes_rests_on_the_whole_cluster(runner, line, alter):
    assert not await is_still(runner, line, alter)


@pytest.mark.parametrize("alter", [resized, changed_by_somebody])
@pytest.mark.parametrize("line", OTHERS)
async def test_what_adds_does_not(runner, line, alter):
    assert await is_still(runner, line, alter)


@pytest.mark.parametrize("line", [DESTRUCTIVE[0], *OTHERS[1:]])
async def test_a_user_that_was_made_anew_is_another_one(runner, line):
    assert not await is_still(runner, line, user_made_anew)


@pytest.mark.parametrize("line", [*DESTRUCTIVE, *OTHERS])
async def test_a_plan_of_an_earlier_release_is_held_against_what_it_observed(runner, line):
    record = await ask(runner.terminal, line, BOB)
    earlier = record.plan.model_copy(
        update={"observed": {"live": True, **({"exists": False} if "exists" in record.plan.observed else {})}}
    )
    resized(cluster(runner.terminal, "orders-prod"))

    assert earlier.is_still(await runner._replanned(record))

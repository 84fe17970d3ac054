"""Observations behind the plans of users and databases: the whole cluster where something is lost for
good."""

from dataclasses import replace
from datetime import timedelta

import pytest
from carrying_out import Works
from decisions import BOB, ask, cluster
from pyrage import x25519
from terminal_site import terminal_site

pytestmark = pytest.mark.anyio

DESTRUCTIVE = ["user delete orders-prod orders", "database delete orders-prod orders"]
OTHERS = [
    "user create orders-prod orders_reporting",
    "user password orders-prod orders",
    "database create orders-prod archive --owner orders",
]


@pytest.fixture
async def works(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        await terminal.run(f"key set {x25519.Identity.generate().to_public()}", BOB)
        yield Works(terminal)


async def is_still(works, line, alter):
    """Return whether a change planned again after the cluster was altered still equals the stored one."""
    record = await ask(works.terminal, line, BOB)
    alter(cluster(works.terminal, "orders-prod"))
    return record.plan.is_still(await works._replanned(record))


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
async def test_what_deletes_rests_on_the_whole_cluster(works, line, alter):
    assert not await is_still(works, line, alter)


@pytest.mark.parametrize("alter", [resized, changed_by_somebody])
@pytest.mark.parametrize("line", OTHERS)
async def test_what_adds_does_not(works, line, alter):
    assert await is_still(works, line, alter)


@pytest.mark.parametrize("line", [DESTRUCTIVE[0], *OTHERS[1:]])
async def test_a_user_that_was_made_anew_is_another_one(works, line):
    assert not await is_still(works, line, user_made_anew)


@pytest.mark.parametrize("line", [*DESTRUCTIVE, *OTHERS])
async def test_a_plan_of_an_earlier_release_is_held_against_what_it_observed(works, line):
    record = await ask(works.terminal, line, BOB)
    earlier = record.plan.model_copy(
        update={"observed": {"live": True, **({"exists": False} if "exists" in record.plan.observed else {})}}
    )
    resized(cluster(works.terminal, "orders-prod"))

    assert earlier.is_still(await works._replanned(record))

"""`cluster upgrade`: only upwards, only to offered versions, and never back."""

from dataclasses import replace

import pytest
from change_requests import BOB, ask, carried_out

pytestmark = pytest.mark.anyio


async def test_on_v2_it_goes_where_the_api_offers(terminal):
    record = await ask(terminal, "cluster upgrade payments-prod 18 --reason x", BOB)

    assert record.plan.harm == "destructive"
    assert record.plan.order == {"postgres_version": "18"}
    assert record.plan.alternative.startswith("cluster create payments-prod-copy --like ")
    assert await carried_out(terminal, record) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster upgrade orders-prod 14 --reason x", "can only be upgraded to a newer one"),
        ("cluster upgrade orders-prod 99 --reason x", "cannot be upgraded to PostgreSQL 99"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []


async def test_on_v1_the_plan_says_what_the_new_version_means_on_v2(terminal):
    deprecated = terminal.record("سجل-الطلبات").id

    record = await ask(terminal, f"cluster upgrade {deprecated} 15 --reason x", BOB)

    assert (
        "This resolves PGR031 for the move to v2: This PostgreSQL version is deprecated in v2."
        in record.plan.notes
    )
    assert not [each for each in record.plan.warnings if "v2" in each]


async def test_a_version_that_v2_does_not_offer_blocks_the_move(terminal):
    terminal.cloud.switches = replace(terminal.cloud.switches, v2_versions=("15", "17"))

    record = await ask(terminal, "cluster upgrade orders-prod 16 --reason x", BOB)

    blocked = "v2 does not offer this PostgreSQL version in the region (PGR030)."
    assert record.plan.warnings[-1] == f"This blocks the cluster's move to v2: {blocked}"


async def test_a_region_that_is_silent_about_its_versions_is_said(terminal):
    await terminal.fault(kind="status", status=403, api="v2", region="de-txl", path="/versions")

    record = await ask(terminal, "cluster upgrade orders-prod 16 --reason x", BOB)

    unknown = "It is unknown whether v2 supports PostgreSQL 16: v2 de/txl"
    assert any(each.startswith(unknown) for each in record.plan.notes)
    assert not [each for each in (*record.plan.notes, *record.plan.warnings) if "PGR03" in each]

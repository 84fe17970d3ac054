"""`cluster upgrade`: only upwards, only to offered versions, and never back."""

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
        ("cluster upgrade orders-prod 14 --reason x", "a version is only ever raised"),
        ("cluster upgrade orders-prod 99 --reason x", "cannot be upgraded to PostgreSQL 99"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []

"""`cluster replication`: asynchronous or strict, and with how many instances."""

import pytest
from change_requests import BOB, ask, carried_out

pytestmark = pytest.mark.anyio


async def test_it_is_switched_and_read_back(terminal):
    record = await ask(terminal, "cluster replication ledger-staging asynchronous", BOB)

    assert record.plan.order == {"replication": "ASYNCHRONOUS"}
    assert await carried_out(terminal, record) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster replication orders-prod strictly-synchronous", "needs 3 instances"),
        ("cluster replication orders-prod asynchronous", "nothing to change"),
        ("cluster replication orders-prod synchronous", "can't be"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []

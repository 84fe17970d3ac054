"""`cluster network`: another address or LAN, or none."""

import pytest
from change_requests import BOB, ask, carried_out, cluster

pytestmark = pytest.mark.anyio


async def test_another_address_on_v1(terminal):
    record = await ask(terminal, "cluster network orders-staging --address 192.168.31.7/24", BOB)

    assert record.plan.order["connection"]["address"] == "192.168.31.7/24"
    assert await carried_out(terminal, record) == []


async def test_off_its_network_on_v1(terminal):
    record = await ask(terminal, "cluster network shop-staging --detach", BOB)

    assert record.plan.warnings[0].startswith("Nobody can reach the database")
    assert await carried_out(terminal, record) == []
    assert cluster(terminal, "shop-staging").network is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster network orders-staging", "Where to?"),
        ("cluster network orders-staging --detach --lan 2", "Where to?"),
        ("cluster network orders-staging --address 192.168.31.7", "prefix length"),
        ("cluster network payments-prod --detach", "does not offer detaching"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []

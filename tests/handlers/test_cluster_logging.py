"""`cluster logging`: the logs that v2 ships, and the place of v1's."""

import pytest
from change_requests import BOB, ask, carried_out, cluster

pytestmark = pytest.mark.anyio


async def test_both_switches_are_set_and_read_back(terminal):
    switches = cluster(terminal, "payments-prod").switches
    logs = "off" if switches["logs_enabled"] else "on"
    metrics = "off" if switches["metrics_enabled"] else "on"
    record = await ask(terminal, f"cluster logging payments-prod --logs {logs} --metrics {metrics}", BOB)

    assert record.plan.order == {"logs_enabled": logs == "on", "metrics_enabled": metrics == "on"}
    assert await carried_out(terminal, record) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster logging payments-prod", "Neither --logs nor --metrics was given."),
        ("cluster logging orders-prod --logs on", "does not support shipping logs"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []

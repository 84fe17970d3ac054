"""`cluster pooler`: its modes on both APIs."""

import pytest
from change_requests import BOB, carried_out

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ["orders-staging", "payments-prod"])
@pytest.mark.parametrize("mode", ["session", "transaction"])
async def test_a_mode_is_set_and_read_back(terminal, name, mode):
    line = f"cluster pooler {name} {mode}"
    reply = await terminal.run(line, BOB)
    if "nothing to change" in reply.title:
        return
    record = (await terminal.kernel.dispatcher.changes.rows.latest())[0]

    assert record.plan.order == {"pooler": mode}
    assert await carried_out(terminal, record) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster pooler orders-staging disabled", "nothing to change"),
        ("cluster pooler orders-staging statement", "can't be"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []

"""`cluster maintenance`: day and time in UTC."""

import pytest
from change_requests import BOB, ask, carried_out

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("name", "v2"), [("orders-staging", False), ("payments-prod", True)])
async def test_the_window_is_moved(terminal, name, v2):
    record = await ask(terminal, f"cluster maintenance {name} --day sunday --time 3:30", BOB)

    assert record.plan.order["maintenance"] == {"day": "Sunday", "time": "03:30:00"}
    assert bool(record.plan.warnings) is v2
    assert await carried_out(terminal, record) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("cluster maintenance orders-staging", "Neither a day nor a time was given."),
        ("cluster maintenance orders-staging --time late", ""),
        ("cluster maintenance orders-staging --day someday", ""),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_kept(terminal, line, says):
    reply = await terminal.run(line, BOB)

    assert not reply.ok
    assert says in reply.title or not says
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []

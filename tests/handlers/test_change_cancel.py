"""`change cancel`: an approver stops the change before it runs."""

import pytest
from change_requests import BOB, CAROL, STAGING, VERA, ask, decision_outcomes, now

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio


async def test_an_approved_change_is_stopped_before_its_turn(terminal):
    record = await ask(terminal, STAGING)
    await terminal.run(f"change approve {record.id}", BOB)

    reply = await terminal.run(f'change cancel {record.id} --reason "the incident is over"', CAROL)
    after = await now(terminal, record)
    assert reply.ok
    assert (after.state, after.result) == (ChangeState.WITHDRAWN, "carol cancelled it: the incident is over")
    assert await decision_outcomes(terminal, record) == ["approved", "withdrawn"]


async def test_others_cancel_nothing(terminal):
    record = await ask(terminal)

    reply = await terminal.run(f"change cancel {record.id}", VERA)
    assert not reply.ok
    assert (await now(terminal, record)).state is ChangeState.PROPOSED

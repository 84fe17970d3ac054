"""`change withdraw`: the requester takes it back."""

import pytest
from decisions import ALICE, BOB, STAGING, VERA, ask, now

from bot.changes.record import State

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("approved", [False, True])
async def test_the_requester_takes_it_back_until_it_runs(terminal, approved):
    record = await ask(terminal, STAGING)
    if approved:
        await terminal.run(f"change approve {record.id}", BOB)

    await terminal.run(f'change withdraw {record.id} --reason "not needed"', ALICE)
    after = await now(terminal, record)
    assert (after.state, after.result) == (State.WITHDRAWN, "alice withdrew it: not needed")
    again = await terminal.run(f"change withdraw {record.id}", ALICE)
    assert "is withdrawn already" in again.title


async def test_nobody_takes_back_what_others_asked_for(terminal):
    record = await ask(terminal)

    reply = await terminal.run(f"change withdraw {record.id}", VERA)
    assert "Only alice or whoever could approve" in reply.title
    assert (await now(terminal, record)).state is State.PROPOSED

"""`change withdraw`: the requester takes it back."""

import pytest
from change_requests import ALICE, BOB, STAGING, VERA, ask, become, now

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("approved", [False, True])
async def test_the_requester_takes_it_back_until_it_runs(terminal, approved):
    record = await ask(terminal, STAGING)
    if approved:
        await terminal.run(f"change approve {record.id}", BOB)

    await terminal.run(f'change withdraw {record.id} --reason "not needed"', ALICE)
    after = await now(terminal, record)
    assert (after.state, after.result) == (ChangeState.WITHDRAWN, "alice withdrew it: not needed")
    again = await terminal.run(f"change withdraw {record.id}", ALICE)
    assert "is already withdrawn" in again.title


async def test_nobody_takes_back_what_others_asked_for(terminal):
    record = await ask(terminal)

    reply = await terminal.run(f"change withdraw {record.id}", VERA)
    assert "Only alice or an approver can" in reply.title
    assert (await now(terminal, record)).state is ChangeState.PROPOSED


@pytest.mark.parametrize("armed", [False, True], ids=["before it is sent", "when it may have been sent"])
async def test_what_has_its_turn_is_stopped_until_it_is_sent(terminal, armed):
    record = await ask(terminal, STAGING)
    assert (await terminal.run(f"change approve {record.id}", BOB)).ok
    await become(terminal.kernel, record.id, armed=armed)

    reply = await terminal.run(f"change withdraw {record.id}", ALICE)
    assert (await now(terminal, record)).state is (ChangeState.RUNNING if armed else ChangeState.WITHDRAWN)
    assert armed == ("a change that was sent can't be cancelled" in reply.title)


async def test_a_secret_in_a_reason_gets_nowhere(terminal):
    record = await ask(terminal, f'{STAGING} --reason "the token xoxb-1234-canary leaked"')
    await terminal.run(f'change withdraw {record.id} --reason "password=canary"', ALICE)

    after = await now(terminal, record)
    assert "leaked" in after.reason
    assert "canary" not in f"{after} {await terminal.audit()}"

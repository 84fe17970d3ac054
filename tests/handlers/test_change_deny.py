"""`change deny`: one no ends it."""

import pytest
from change_requests import ALICE, BOB, CAROL, VERA, ask, decision_outcomes, now

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio


async def test_one_denial_ends_it_with_its_reason(terminal):
    record = await ask(terminal)
    await terminal.run(f"change approve {record.id}", CAROL)

    reply = await terminal.run(f'change deny {record.id} --reason "wrong cluster"', BOB)
    after = await now(terminal, record)
    assert reply.ok
    assert (after.state, after.result) == (ChangeState.DENIED, "bob denied it: wrong cluster")
    assert after.ended_at == terminal.kernel.clock.now()
    assert await decision_outcomes(terminal, record) == ["approved", "denied"]


@pytest.mark.parametrize("actor", [VERA, ALICE])
async def test_only_who_could_approve_denies(terminal, actor):
    record = await ask(terminal)

    reply = await terminal.run(f"change deny {record.id}", actor)
    assert "you have none of these roles" in reply.title
    assert (await now(terminal, record)).state is ChangeState.PROPOSED


async def test_a_change_that_needs_no_approval_is_not_for_others_to_deny(terminal):
    record = await ask(terminal, "cluster rename orders-staging orders-stage")

    reply = await terminal.run(f"change deny {record.id}", BOB)
    assert "no approval" in reply.title

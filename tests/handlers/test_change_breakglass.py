"""`change breakglass`: in an emergency, with name and reason, reviewed before the next one."""

from dataclasses import replace

import anyio
import pytest
from change_requests import ALICE, BOB, CAROL, PROD, VERA, ask, decision_outcomes, now

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio
REASON = '--reason "losing data now"'


async def test_it_goes_ahead_and_says_who_was_skipped(terminal):
    record = await ask(terminal)

    reply = await terminal.run(f"change breakglass {record.id} --name orders-prod {REASON}", BOB)
    after = await now(terminal, record)
    assert reply.ok
    assert after.state is ChangeState.APPROVED
    (*_, told) = await terminal.kernel.dispatcher.changes.rows.milestones(record.id)
    assert after.skipped == "bob used break-glass without 2 DBA approvals: losing data now"
    assert await decision_outcomes(terminal, record) == ["break-glass"]
    assert told.words.startswith(after.skipped)
    # The requester, and all possible approvers, of whom bob is one.
    assert told.tells == ("U0ALICE", "S0DBA")


@pytest.mark.parametrize(
    ("actor", "arguments", "says"),
    [
        (VERA, f"--name orders-prod {REASON}", "Break-glass is only for DBA"),
        (BOB, "--name orders-prod", "needs --reason"),
        (BOB, f"--name orders {REASON}", "type the cluster's name: orders-prod"),
    ],
)
async def test_it_takes_the_role_the_name_and_a_reason(terminal, actor, arguments, says):
    record = await ask(terminal)

    reply = await terminal.run(f"change breakglass {record.id} {arguments}", actor)
    assert says in reply.title
    assert (await now(terminal, record)).state is ChangeState.PROPOSED


async def test_the_next_one_waits_until_the_first_was_reviewed(terminal):
    first, second = await ask(terminal), await ask(terminal)
    await terminal.run(f"change breakglass {first.id} --name orders-prod {REASON}", BOB)

    refused = await terminal.run(f"change breakglass {second.id} --name orders-prod {REASON}", BOB)
    assert f"for {first.id}, which nobody has reviewed yet" in refused.title
    await terminal.run(f"change review {first.id}", CAROL)
    assert (await terminal.run(f"change breakglass {second.id} --name orders-prod {REASON}", BOB)).ok


async def test_of_several_at_once_one_goes_ahead(terminal):
    """The review of the last one is checked where the next one is written, so nobody is faster."""
    records = [await ask(terminal) for _ in range(4)]
    async with anyio.create_task_group() as group:
        for each in records:
            group.start_soon(terminal.run, f"change breakglass {each.id} --name orders-prod {REASON}", BOB)

    states = [(await now(terminal, each)).state for each in records]
    assert sorted(states) == [ChangeState.APPROVED, *[ChangeState.PROPOSED] * 3]


async def test_a_missing_review_is_not_forgotten_however_much_comes_after_it(terminal):
    first = await ask(terminal)
    await terminal.run(f"change breakglass {first.id} --name orders-prod {REASON}", BOB)
    rows, later = terminal.kernel.dispatcher.changes.rows, await now(terminal, first)
    for number in range(120):
        await rows.add(replace(later, id=f"c-{number}", state=ChangeState.WITHDRAWN, skipped="", votes=()))

    second = await ask(terminal, PROD, ALICE)
    refused = await terminal.run(f"change breakglass {second.id} --name orders-prod {REASON}", BOB)
    assert f"for {first.id}, which nobody has reviewed yet" in refused.title

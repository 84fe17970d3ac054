"""`change breakglass`: in an emergency, with name and reason, reviewed before the next one."""

import pytest
from decisions import BOB, CAROL, VERA, ask, decisions, now

from bot.changes.record import State

pytestmark = pytest.mark.anyio
REASON = '--reason "data loss goes on"'


async def test_it_goes_ahead_and_says_who_was_skipped(terminal):
    record = await ask(terminal)

    reply = await terminal.run(f"change breakglass {record.id} --name orders-prod {REASON}", BOB)
    after = await now(terminal, record)
    assert reply.ok
    assert after.state is State.APPROVED
    assert after.skipped == "bob went ahead without approval by 2 × dba: data loss goes on"
    assert await decisions(terminal, record) == ["break-glass"]


@pytest.mark.parametrize(
    ("actor", "arguments", "says"),
    [
        (VERA, f"--name orders-prod {REASON}", "Going ahead without approval is for dba"),
        (BOB, "--name orders-prod", "needs --reason"),
        (BOB, f"--name orders {REASON}", "type the cluster's name exactly: orders-prod"),
    ],
)
async def test_it_takes_the_role_the_name_and_a_reason(terminal, actor, arguments, says):
    record = await ask(terminal)

    reply = await terminal.run(f"change breakglass {record.id} {arguments}", actor)
    assert says in reply.title
    assert (await now(terminal, record)).state is State.PROPOSED


async def test_the_next_one_waits_until_the_first_was_reviewed(terminal):
    first, second = await ask(terminal), await ask(terminal)
    await terminal.run(f"change breakglass {first.id} --name orders-prod {REASON}", BOB)

    refused = await terminal.run(f"change breakglass {second.id} --name orders-prod {REASON}", BOB)
    assert f"in {first.id}, which nobody has reviewed yet" in refused.title
    await terminal.run(f"change review {first.id}", CAROL)
    assert (await terminal.run(f"change breakglass {second.id} --name orders-prod {REASON}", BOB)).ok

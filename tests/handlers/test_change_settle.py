"""`change settle`: people say whether a change of unknown outcome has happened."""

import pytest
from change_requests import ALICE, BOB, CAROL, STAGING, TEST, VERA, ask, become, decision_outcomes, now

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio


@pytest.fixture
async def record(terminal):
    record = await ask(terminal, STAGING)
    await terminal.run(f"change approve {record.id}", BOB)
    await become(terminal.kernel, record.id, unknown=True)
    return record


@pytest.mark.parametrize("actor", [ALICE, CAROL], ids=["requester", "approver"])
@pytest.mark.parametrize(
    ("word", "ends"),
    [("ran", (ChangeState.RUNNING, "said to have run")), ("not-run", (ChangeState.FAILED, "failed"))],
)
async def test_a_person_decides(terminal, record, word, ends, actor):
    reply = await terminal.run(f"change settle {record.id} {word}", actor)

    assert reply.ok
    assert ((await now(terminal, record)).state, (await decision_outcomes(terminal, record))[-1]) == ends


async def test_others_do_not(terminal, record):
    reply = await terminal.run(f"change settle {record.id} ran", VERA)

    assert "There is no change" in reply.title  # it is of a cluster that she may not see
    assert (await now(terminal, record)).state is ChangeState.UNKNOWN


async def test_only_what_is_unknown_is_settled(terminal):
    record = await ask(terminal)

    assert "nothing to settle" in (await terminal.run(f"change settle {record.id} ran", ALICE)).title


@pytest.mark.parametrize(("actor", "may"), [(CAROL, True), (VERA, False)], ids=["may ask too", "may not"])
async def test_where_nobody_approves_whoever_may_ask_for_the_same_settles(terminal, actor, may):
    """A requester who has left must not hold the cluster's turn for ever."""
    record = await ask(terminal, TEST, BOB)
    assert (await terminal.run(f"change confirm {record.id} --name orders-staging", BOB)).ok
    await become(terminal.kernel, record.id, unknown=True)

    reply = await terminal.run(f"change settle {record.id} not-run", actor)
    assert reply.ok == may
    assert may or "There is no change" in reply.title
    assert (await now(terminal, record)).state is (ChangeState.FAILED if may else ChangeState.UNKNOWN)

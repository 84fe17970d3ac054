"""`change approve`: who may, who may not, once each, and until it runs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, CAROL, GUEST, NOBODY, STAGING, VERA, ask, decision_outcomes, now

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio


async def test_the_last_approval_that_is_needed_approves(terminal):
    record = await ask(terminal)

    first = await terminal.run(f"change approve {record.id}", BOB)
    assert "waiting for 1 DBA approval" in first.title
    assert (await now(terminal, record)).missing_roles() == ("dba",)
    second = await terminal.run(f"change approve {record.id}", CAROL)
    assert ": approved" in second.title
    assert (await now(terminal, record)).state is ChangeState.APPROVED
    assert await decision_outcomes(terminal, record) == ["approved", "approved"]


@pytest.mark.parametrize(
    ("actor", "says"),
    [
        (VERA, "you have none of these roles"),
        (ALICE, "you have none of these roles"),
        (GUEST, "guests may not change anything"),
        (NOBODY, "until terminal.people in app.yaml names this user's Slack id"),
    ],
)
async def test_nobody_else_approves(terminal, actor, says):
    record = await ask(terminal)

    reply = await terminal.run(f"change approve {record.id}", actor)
    assert not reply.ok
    assert says in reply.title
    assert (await now(terminal, record)).votes == ()
    assert (await terminal.audit())[-1]["outcome"] == "denied"


@pytest.mark.parametrize("id_", ["{id}", "c-222222"], ids=["hidden", "missing"])
async def test_whoever_may_not_see_it_is_not_told_that_it_exists(terminal, id_):
    record = await ask(terminal)
    line = f"change approve {id_.format(id=record.id)}"

    reply = await terminal.run(line, replace(CAROL, groups=frozenset()))
    assert reply.title.replace(line.rsplit(maxsplit=1)[-1], "ID") == "There is no change ID that you may see."


async def test_nobody_approves_their_own_destructive_change(terminal):
    record = await ask(terminal, STAGING, BOB)

    reply = await terminal.run(f"change approve {record.id}", BOB)
    assert "somebody else has to approve it" in reply.title
    assert (await now(terminal, record)).state is ChangeState.PROPOSED


async def test_an_approval_counts_once(terminal):
    record = await ask(terminal)
    await terminal.run(f"change approve {record.id}", BOB)

    reply = await terminal.run(f"change approve {record.id}", BOB)
    assert "You already approved" in reply.title
    assert len((await now(terminal, record)).votes) == 1


async def test_an_approval_can_be_taken_back_until_it_runs(terminal):
    record = await ask(terminal, STAGING)
    await terminal.run(f"change approve {record.id}", BOB)
    assert (await now(terminal, record)).state is ChangeState.APPROVED

    await terminal.run(f"change approve {record.id} --take-back", BOB)
    after = await now(terminal, record)
    assert (after.state, after.votes) == (ChangeState.PROPOSED, ())
    again = await terminal.run(f"change approve {record.id} --take-back", BOB)
    assert "You have not approved" in again.title


async def test_a_button_for_something_else_does_nothing(terminal):
    record = await ask(terminal)

    reply = await terminal.run(f"change approve {record.id} --digest 0123456789ab", BOB)
    assert "is for another plan than that of" in reply.title
    assert (await now(terminal, record)).votes == ()
    good = await terminal.run(f"change approve {record.id} --digest {record.digest[:12]}", BOB)
    assert good.ok


async def test_it_is_too_late_after_it_has_expired(terminal):
    record = await ask(terminal)
    terminal.kernel.clock.advance(timedelta(hours=24))

    reply = await terminal.run(f"change approve {record.id}", BOB)
    assert "expired at 2026-11-24 09:00:00 UTC" in reply.title


async def test_a_change_that_is_over_or_is_none(terminal):
    record = await ask(terminal)
    await terminal.run(f"change withdraw {record.id}", ALICE)

    over = await terminal.run(f"change approve {record.id}", BOB)
    assert "is already withdrawn" in over.title
    none = await terminal.run("change approve c-222222", BOB)
    assert "There is no change c-222222" in none.title

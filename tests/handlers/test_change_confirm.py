"""`change confirm`: the requester's own yes, with the cluster's name where that is asked for."""

from dataclasses import replace

import pytest
from change_requests import ALICE, BOB, ask, now
from terminal_site import terminal_site

from bot.changes.record import ChangeState

pytestmark = pytest.mark.anyio
RENAME = "cluster rename orders-staging orders-staging-2"


async def test_the_requester_confirms(terminal):
    record = await ask(terminal, RENAME)
    assert record.state is ChangeState.PROPOSED

    reply = await terminal.run(f"change confirm {record.id} --digest {record.digest[:12]}", ALICE)
    assert reply.ok
    assert (await now(terminal, record)).state is ChangeState.APPROVED


async def test_nobody_confirms_for_others(terminal):
    record = await ask(terminal, RENAME)

    reply = await terminal.run(f"change confirm {record.id}", BOB)
    assert "Only alice can confirm" in reply.title


async def test_confirming_does_not_replace_approval(terminal):
    record = await ask(terminal)

    reply = await terminal.run(f"change confirm {record.id} --name orders-prod", ALICE)
    assert "needs 2 DBA approvals" in reply.title
    assert (await now(terminal, record)).state is ChangeState.PROPOSED


@pytest.mark.parametrize(
    ("name", "good"),
    [("orders-prod", True), (" Orders-prod ", True), ("orders-pro", False), ("", False)],
)
async def test_the_whole_name_must_be_typed(tmp_path, monkeypatch, name, good):
    settings = tmp_path / "app.yaml"
    text = "ionos: {contracts: [{name: shop, token: 'env:DEMO_TOKEN_SHOP'}]}\n"
    settings.write_text(
        text + "people: {dev: [U0ALICE]}\npermissions: [{to: [dev], allow: ['*']}]\n", encoding="utf-8"
    )
    async with terminal_site(tmp_path, monkeypatch, settings=settings) as terminal:
        record = await ask(terminal, "restore orders-prod --to 2h", ALICE)

        reply = await terminal.run(f'change confirm {record.id} --name "{name}"', ALICE)
        assert reply.ok is good
        assert (await now(terminal, record)).state is (ChangeState.APPROVED if good else ChangeState.PROPOSED)
        if not good:
            assert "type the cluster's name: orders-prod" in reply.title


async def test_somebody_without_a_slack_person_asks_for_nothing(terminal):
    reply = await terminal.run(RENAME, replace(ALICE, person=""))

    assert "until terminal.people in app.yaml names this user's Slack id" in reply.title
    assert await terminal.kernel.dispatcher.changes.rows.latest() == []

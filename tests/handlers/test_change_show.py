"""`change show`: everything about one change, for those who may see its cluster."""

import pytest
from decisions import BOB, STAGING, VERA, ask

from bot.reply import Choices, Table
from bot.text import plain

pytestmark = pytest.mark.anyio


async def test_the_plan_the_votes_the_story_and_the_buttons(terminal):
    record = await ask(terminal)
    await terminal.run(f"change approve {record.id}", BOB)

    reply = await terminal.run(f"change show {record.id.upper()}", BOB)
    text = plain(reply)
    for words in ("bad deploy", "is lost: 2 hours when this was asked for", "Approved by bob (dba)"):
        assert words in text
    assert "Still needed: dba" in text
    labels = {each.label for part in reply.parts if isinstance(part, Choices) for each in part.choices}
    assert {"Approve", "Deny", "Withdraw"} <= labels
    assert [part.name for part in reply.parts if isinstance(part, Table)] == [
        f"{record.id}-effects",
        f"{record.id}-story",
    ]


async def test_what_one_may_not_see_does_not_exist(terminal):
    record = await ask(terminal, STAGING, BOB)

    reply = await terminal.run(f"change show {record.id}", VERA)
    assert reply.title == f"There is no change {record.id}."


async def test_a_bundle_of_what_one_may_not_see_does_not_exist(terminal):
    record = await ask(terminal, STAGING, BOB)

    reply = await terminal.run(f"change show {record.id} --bundle", VERA)
    assert reply.title == f"There is no change {record.id}."

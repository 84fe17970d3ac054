"""`change show`: everything about one change, for those who may see its cluster."""

from dataclasses import replace

import pytest
from change_requests import ALICE, BOB, STAGING, VERA, ask

from bot.domain.reply import Choices, Table
from bot.domain.reply_document import make_document
from bot.domain.reply_text import render_plain

pytestmark = pytest.mark.anyio


async def test_the_plan_the_votes_the_milestones_and_the_buttons(terminal):
    record = await ask(terminal)
    await terminal.run(f"change approve {record.id}", BOB)

    reply = await terminal.run(f"change show {record.id.upper()}", BOB)
    text = render_plain(reply)
    data = make_document(reply)["data"]
    assert [(each["decision"], each["by"]["id"], each["is_current"]) for each in data["decisions"]] == [
        ("approve", "U0BOB", True)
    ]
    assert data["timeline"][0]["at"] == "2026-11-23T09:00:00Z"
    bundle = make_document(await terminal.run(f"change show {record.id} --bundle", BOB))
    assert [each["name"] for each in bundle["files"]] == [f"{record.id}-evidence.json"]
    assert bundle["data"] == data
    for words in ("bad deploy", "will be lost (2 hours of data when requested)", "bob (DBA)"):
        assert words in text
    assert "1 DBA approval" in text
    labels = {each.label for part in reply.parts if isinstance(part, Choices) for each in part.choices}
    assert {"Approve restore", "Deny", "Withdraw"} <= labels
    assert [part.name for part in reply.parts if isinstance(part, Table)] == [
        f"{record.id}-plan",
        f"{record.id}-timeline",
    ]


async def test_what_one_may_not_see_does_not_exist(terminal):
    record = await ask(terminal, STAGING, BOB)

    reply = await terminal.run(f"change show {record.id}", VERA)
    assert reply.title == f"There is no change {record.id} that you may see."


async def test_a_bundle_of_what_one_may_not_see_does_not_exist(terminal):
    record = await ask(terminal, STAGING, BOB)

    reply = await terminal.run(f"change show {record.id} --bundle", VERA)
    assert reply.title == f"There is no change {record.id} that you may see."


async def test_times_are_in_utc_and_in_the_requesters_zone_and_for_machines_in_utc(terminal):
    record = await ask(terminal, STAGING, replace(ALICE, time_zone="Europe/Berlin"))
    waiting = render_plain(await terminal.run(f"change show {record.id}", BOB))
    await terminal.run(f"change deny {record.id}", BOB)

    reply = await terminal.run(f"change show {record.id}", BOB)
    text = render_plain(reply)
    assert "Expires:         2026-11-24 09:00:00 UTC (2026-11-24 10:00:00 Europe/Berlin)" in waiting
    both = "2026-11-23 09:00:00 UTC (2026-11-23 10:00:00 Europe/Berlin)"
    assert f"Ended:           {both}" in text
    assert f"{both}  bob denied it." in text
    assert make_document(reply)["data"]["change"]["ended_at"] == "2026-11-23T09:00:00Z"

"""What a card says: times in two zones, and who is told how a change ended."""

from dataclasses import replace
from datetime import timedelta

import pytest
from decisions import ALICE, BOB, PROD, STAGING, ask, now
from terminal_site import terminal_site

from bot.changes.card import card, proposal
from bot.text import plain

pytestmark = pytest.mark.anyio


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    async with terminal_site(tmp_path, monkeypatch) as terminal:
        yield terminal


async def test_times_are_in_utc_and_in_the_requesters_zone(terminal):
    record = await ask(terminal, PROD, replace(ALICE, time_zone="Europe/Berlin"))
    text = plain(card(record))

    assert "2026-11-23 09:00:00 UTC (2026-11-23 10:00:00 Europe/Berlin)" in text
    assert "until 2026-11-24 09:00:00 UTC (2026-11-24 10:00:00 Europe/Berlin)" in text
    assert "until 2026-11-24 09:00:00 UTC (2026-11-24 10:00:00 Europe/Berlin)" in plain(
        proposal(record, "/pg")
    )


@pytest.mark.parametrize("zone", ["UTC", "", "Nowhere/Else"])
async def test_a_zone_that_is_utc_or_unknown_is_left_out(terminal, zone):
    record = await ask(terminal, PROD, replace(ALICE, time_zone=zone))

    assert "(20" not in plain(card(record))


async def last_told(terminal, record):
    [*_, last] = await terminal.kernel.dispatcher.changes.rows.milestones(record.id)
    return last.words, last.tells


async def test_a_denial_tells_the_requester(terminal):
    record = await ask(terminal, PROD, ALICE)
    await terminal.run(f'change deny {record.id} --reason "not today"', BOB)

    assert await last_told(terminal, record) == ("bob denied it: not today.", ("U0ALICE",))


async def test_an_expiry_tells_the_requester(terminal):
    record = await ask(terminal, PROD, ALICE)
    terminal.kernel.clock.advance(timedelta(hours=25))
    await terminal.kernel.dispatcher.changes.expire()

    assert (await now(terminal, record)).state == "expired"
    assert await last_told(terminal, record) == ("Nobody decided in time.", ("U0ALICE",))


async def test_whoever_cancels_for_somebody_else_tells_them(terminal):
    record = await ask(terminal, STAGING, ALICE)
    await terminal.run(f"change cancel {record.id}", BOB)

    assert await last_told(terminal, record) == ("bob cancelled it.", ("U0ALICE",))


async def test_who_withdraws_knows_it(terminal):
    record = await ask(terminal, PROD, ALICE)
    await terminal.run(f"change withdraw {record.id}", ALICE)

    assert await last_told(terminal, record) == ("alice withdrew it.", ())


async def test_seats_of_one_role_are_counted_wherever_they_are_named(terminal):
    record = await ask(terminal, PROD, ALICE)

    assert "Still needed: 2 × dba; until" in plain(card(record))
    assert "2 × dba" in plain(await terminal.run("change list", BOB))
    said = plain(await terminal.run(f"change approve {record.id}", BOB))
    assert "Still needed: dba." in said

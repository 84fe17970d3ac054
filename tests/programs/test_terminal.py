"""The person at the terminal: a person of Slack by the settings, known by the data in the database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, PROD, ask, person
from terminal_site import terminal_site

from bot.domain.request import Actor, Origin
from bot.programs.terminal_identity import terminal_actor

pytestmark = pytest.mark.anyio

IN_SLACK = Actor(origin=Origin.SLACK, id="U0ALICE", name="Alice", team="T0DEMO", time_zone="Europe/Berlin")
ZONELESS = "restore orders-prod --to 2026-11-20T10:00 --reason x --dry-run"


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    environment = {"PGBOT_TERMINAL__PEOPLE": '{"root": "U0ALICE", "ben": "U0BOB"}'}
    async with terminal_site(tmp_path, monkeypatch, environment=environment) as terminal:
        yield terminal


async def sits(terminal, user):
    known = terminal.kernel.dispatcher.changes.rows
    return await terminal_actor(terminal.kernel.setup.settings, user, known)


async def test_a_person_who_asked_in_slack_has_their_name_and_zone(terminal):
    await ask(terminal, PROD, replace(IN_SLACK, name="Old", time_zone="Asia/Tokyo"))
    terminal.kernel.clock.advance(timedelta(hours=1))
    await ask(terminal, PROD, IN_SLACK)
    # A request from a terminal says nothing about the person.
    terminal.kernel.clock.advance(timedelta(hours=1))
    await ask(terminal, PROD, person("U0ALICE", "root"))

    actor = await sits(terminal, "root")
    assert (actor.name, actor.time_zone, actor.member) == ("Alice", "Europe/Berlin", "U0ALICE")
    reply = await terminal.run(ZONELESS, actor)
    assert reply.title == "Restore orders-prod to 2026-11-20 09:00:00 UTC"


async def test_a_person_who_only_voted_is_known_by_name_and_their_zone_is_not(terminal):
    record = await ask(terminal, PROD, ALICE)
    await terminal.run(f"change approve {record.id}", BOB)

    actor = await sits(terminal, "ben")
    assert (actor.name, actor.time_zone) == ("bob", "")


async def test_of_whom_nothing_is_known_the_id_is_shown_and_a_time_without_a_zone_refused(terminal):
    actor = await sits(terminal, "ben")
    record = await ask(terminal, "restore orders-staging --to 2h", actor)

    assert record.requester.name == "U0BOB"
    reply = await terminal.run(ZONELESS, actor)
    assert reply.title == "Your time zone is not known here."
    assert reply.parts[0].text == "Add Z or an offset such as +01:00 to the time."
    assert (await terminal.run(ZONELESS.replace("10:00", "10:00Z"), actor)).ok


async def test_whoever_the_settings_do_not_know_reads_in_utc(terminal):
    actor = await sits(terminal, "olga")

    assert (actor.name, actor.time_zone, actor.member) == ("olga", "UTC", "")

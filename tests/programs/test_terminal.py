"""The person at the terminal: a person of Slack by the settings, known by Slack or by the database."""

import asyncio
import os
import pwd
import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from change_requests import ALICE, BOB, PROD, ask, person
from terminal_site import terminal_site

from bot.domain.request import AccountStatus, Actor, Origin
from bot.programs.terminal_identity import os_user, peer_user, terminal_actor

pytestmark = pytest.mark.anyio

IN_SLACK = Actor(origin=Origin.SLACK, id="U0ALICE", name="Alice", team="T0DEMO", time_zone="Europe/Berlin")
ZONELESS = "restore orders-prod --to 2026-11-20T10:00 --reason x --dry-run"


@pytest.fixture
async def terminal(tmp_path, monkeypatch):
    environment = {"PGBOT_TERMINAL__PEOPLE": '{"root": "U0ALICE", "ben": "U0BOB"}'}
    async with terminal_site(tmp_path, monkeypatch, environment=environment) as terminal:
        yield terminal


async def sits(terminal, user, people=None, **more):
    known = terminal.kernel.dispatcher.changes.rows
    return await terminal_actor(terminal.kernel.setup.settings, user, known, people, **more)


def test_the_kernel_names_the_user_at_the_other_end():
    here, there = socket.socketpair()
    with here, there:
        assert peer_user(here) == os.getuid()


def test_a_user_has_the_name_of_the_account_and_without_one_a_number():
    assert os_user(0) == pwd.getpwuid(0).pw_name
    assert os_user(2**31 - 7) == f"uid:{2**31 - 7}"


@pytest.mark.parametrize("standing", [each for each in AccountStatus if each is not AccountStatus.UNKNOWN])
async def test_what_slack_says_of_the_person_counts(terminal, standing):
    async def people(user, team):
        assert user == "U0BOB"
        return replace(IN_SLACK, id=user, name="Bob", standing=standing, groups=frozenset({"S0DBA"}))

    actor = await sits(terminal, "ben", people)
    approval = await terminal.run("change approve c-nothing", actor)

    assert (str(actor), actor.name, actor.time_zone) == ("os:ben as slack:U0BOB", "Bob", "Europe/Berlin")
    assert (actor.standing, actor.groups) == (standing, {"S0DBA"})
    is_member = standing is AccountStatus.MEMBER
    assert approval.title.startswith("There is no change" if is_member else "You may not run")


async def says_unknown(user, team):
    return replace(IN_SLACK, id=user, name="", standing=AccountStatus.UNKNOWN)


async def says_nothing(user, team):
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("people", [says_unknown, says_nothing])
async def test_the_terminal_is_there_when_slack_is_not(terminal, people):
    actor = await sits(terminal, "ben", people, seconds=0.01)

    assert (actor.standing, actor.member) == (AccountStatus.MEMBER, "U0BOB")
    assert (await terminal.run("cluster list", actor)).ok


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

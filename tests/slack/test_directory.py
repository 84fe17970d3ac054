"""Who people are, as Slack says it: remembered for a minute, and nobody when Slack does not say."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from workspace_site import workspace_site

from bot.domain import Standing
from bot.slack.directory import KEPT_SECONDS, Directory

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site():
    async with workspace_site() as site:
        yield site


@pytest.fixture
def directory(site):
    return Directory(site.client, site.clock, "T0DEMO", frozenset({"S0DBA"}))


@pytest.mark.parametrize(
    ("user", "standing"),
    [
        ("U0BOB", Standing.MEMBER),
        ("U0GUEST", Standing.GUEST),
        ("U0GONE", Standing.DEACTIVATED),
        ("U0STRANGER", Standing.STRANGER),
        ("U0PGBOT", Standing.BOT),
        ("U0NOBODY", Standing.UNKNOWN),
    ],
)
async def test_an_account_has_the_strictest_standing_that_fits(site, directory, user, standing):
    bot = next((person for person in site.workspace.people if site.workspace.people[person].bot), "")
    actor = await directory.actor(bot if user == "U0PGBOT" else user, "T0DEMO")

    assert standing is actor.standing


async def test_a_person_of_another_team_is_a_stranger_without_asking_slack(site, directory):
    actor = await directory.actor("U0BOB", "T0OTHER")

    assert actor.standing is Standing.STRANGER
    assert actor.team == "T0OTHER"


async def test_a_member_comes_with_name_time_zone_and_groups(directory):
    bob = await directory.actor("U0BOB", "T0DEMO")
    vera = await directory.actor("U0VERA", "T0DEMO")

    assert (bob.name, bob.groups) == ("bob", {"S0DBA"})
    assert (vera.time_zone, vera.groups) == ("Europe/Stockholm", frozenset())


async def test_fifty_who_ask_at_once_share_one_call(site, directory):
    actors = await asyncio.gather(*(directory.actor("U0BOB", "T0DEMO") for _ in range(50)))

    assert {actor.standing for actor in actors} == {Standing.MEMBER}


async def test_an_answer_counts_for_a_minute_and_not_longer(site, directory):
    await directory.actor("U0BOB", "T0DEMO")
    site.workspace.people["U0BOB"] = _deactivated(site.workspace.people["U0BOB"])

    site.clock.advance(timedelta(seconds=KEPT_SECONDS - 1))
    assert (await directory.actor("U0BOB", "T0DEMO")).standing is Standing.MEMBER
    site.clock.advance(timedelta(seconds=2))
    assert (await directory.actor("U0BOB", "T0DEMO")).standing is Standing.DEACTIVATED


def _deactivated(person):
    return replace(person, deleted=True)


async def test_without_an_answer_nobody_is_anybody(site, directory):
    await site.operate("faults", target="users.info", kind="server_error", times=1)

    assert (await directory.actor("U0BOB", "T0DEMO")).standing is Standing.UNKNOWN


async def test_without_an_answer_a_group_has_no_members(site, directory):
    await site.operate("faults", target="usergroups.users.list", kind="server_error", times=1)

    assert (await directory.actor("U0BOB", "T0DEMO")).groups == frozenset()


@pytest.mark.parametrize(
    ("channel", "external"),
    [
        ("C0OPS", False),
        ("C0SHARED", True),
        ("D0ANY", False),
        ("", False),
        ("C0NOWHERE", True),
        ("C0SECRET", True),
    ],
)
async def test_a_channel_that_slack_does_not_show_counts_as_shared(directory, channel, external):
    assert external is await directory.is_external(channel)

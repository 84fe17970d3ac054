"""People as Slack describes them: kept for a minute, and without rights when Slack does not answer."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from odd_slack import odd_slack
from slack_sdk.web.async_client import AsyncWebClient
from workspace_site import workspace_site

from bot.access.policy import UNREAD
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.app_manifest import AppManifest
from bot.domain.request import AccountStatus
from bot.slack.directory import KEPT_SECONDS, Directory, OwnCompany
from bot.slack.web_api import WebApiCalls

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site():
    async with workspace_site() as site:
        yield site


@pytest.fixture
def directory(site):
    return Directory(site.client, WebApiCalls(site.clock), OwnCompany("T0DEMO"), frozenset({"S0DBA"}))


@pytest.mark.parametrize(
    ("user", "standing"),
    [
        ("U0BOB", AccountStatus.MEMBER),
        ("U0GUEST", AccountStatus.GUEST),
        ("U0GONE", AccountStatus.DEACTIVATED),
        ("U0STRANGER", AccountStatus.STRANGER),
        ("U0PGBOT", AccountStatus.BOT),
        ("U0NOBODY", AccountStatus.UNKNOWN),
    ],
)
async def test_an_account_has_the_strictest_standing_that_fits(site, directory, user, standing):
    bot = next((person for person in site.workspace.people if site.workspace.people[person].bot), "")
    actor = await directory.actor(bot if user == "U0PGBOT" else user, "T0DEMO")

    assert standing is actor.standing


GRID = OwnCompany("T0DEMO", enterprise="E0DEMO")
BOTH = OwnCompany("T0DEMO", frozenset({"T0SECOND"}), enterprise="E0DEMO")


@pytest.mark.parametrize("said", ["T0DEMO", "T0SECOND", "T0OTHER", ""])
@pytest.mark.parametrize(
    ("company", "user", "known"),
    [
        (GRID, "U0BOB", (AccountStatus.MEMBER, "T0DEMO")),
        (GRID, "U0HALIM", (AccountStatus.MEMBER, "T0SECOND")),
        (GRID, "U0GWEN", (AccountStatus.OTHER_WORKSPACE, "T0SECOND")),
        (BOTH, "U0GWEN", (AccountStatus.MEMBER, "T0SECOND")),
        (OwnCompany("T0DEMO"), "U0GWEN", (AccountStatus.STRANGER, "T0SECOND")),
        (GRID, "U0STRANGER", (AccountStatus.STRANGER, "T0OTHER")),
        (BOTH, "U0STRANGER", (AccountStatus.STRANGER, "T0OTHER")),
        (BOTH, "U0GUEST", (AccountStatus.GUEST, "T0DEMO")),
        (BOTH, "U0GONE", (AccountStatus.DEACTIVATED, "T0DEMO")),
    ],
)
async def test_a_person_s_company_is_what_slack_says_of_them_whatever_a_payload_says(
    site, company, user, known, said
):
    await site.operate("company", enterprise=True)
    directory = Directory(site.client, WebApiCalls(site.clock), company, frozenset())
    actor = await directory.actor(user, said)

    assert (actor.standing, actor.team) == known


async def test_a_member_comes_with_name_time_zone_and_groups(directory):
    bob = await directory.actor("U0BOB", "T0DEMO")
    vera = await directory.actor("U0VERA", "T0DEMO")

    assert (bob.name, bob.groups) == ("bob", {"S0DBA"})
    assert (vera.time_zone, vera.groups) == ("Europe/Stockholm", frozenset())


async def test_fifty_who_ask_at_once_share_one_call(site, directory):
    actors = await asyncio.gather(*(directory.actor("U0BOB", "T0DEMO") for _ in range(50)))

    assert {actor.standing for actor in actors} == {AccountStatus.MEMBER}


async def test_an_answer_counts_for_a_minute_and_not_longer(site, directory):
    await directory.actor("U0BOB", "T0DEMO")
    site.workspace.people["U0BOB"] = _deactivated(site.workspace.people["U0BOB"])

    site.clock.advance(timedelta(seconds=KEPT_SECONDS - 1))
    assert (await directory.actor("U0BOB", "T0DEMO")).standing is AccountStatus.MEMBER
    site.clock.advance(timedelta(seconds=2))
    assert (await directory.actor("U0BOB", "T0DEMO")).standing is AccountStatus.DEACTIVATED


def _deactivated(person):
    return replace(person, deleted=True)


async def test_without_an_answer_nobody_is_anybody(site, directory):
    await site.operate("faults", target="users.info", kind="server_error", times=1)

    assert (await directory.actor("U0BOB", "T0DEMO")).standing is AccountStatus.UNKNOWN


async def test_without_an_answer_nobody_is_taken_to_be_in_no_group(site, directory):
    await site.operate("faults", target="usergroups.users.list", kind="server_error", times=1)

    assert (await directory.actor("U0BOB", "T0DEMO")).groups == {UNREAD}


@pytest.mark.parametrize(
    ("channel", "external"),
    [
        ("C0OPS", False),
        ("C0SHARED", True),
        ("D0ALICE", False),
        ("D0BOB", None),
        ("D0CONNECT", None),
        ("D0ANY", None),
        ("", False),
        ("C0NOWHERE", None),
        ("C0SECRET", None),
    ],
)
async def test_a_conversation_is_shared_or_not_or_slack_does_not_say(site, directory, channel, external):
    await site.operate("company", connect=True)

    assert external is await directory.is_external(channel, "U0ALICE")


async def test_the_bot_s_direct_message_with_somebody_of_another_company_is_shared(site, directory):
    own = site.workspace.direct_channel("U0STRANGER").id

    assert await directory.is_external(own, "U0STRANGER") is True


MEMBER = {
    "id": "U1",
    "team_id": "T0DEMO",
    "deleted": False,
    "is_bot": False,
    "is_restricted": False,
    "is_ultra_restricted": False,
}


@asynccontextmanager
async def told(method, answer):
    """Return a directory whose Slack gives that answer, and good answers to everything else."""
    good = {"users.info": {"ok": True, "user": MEMBER}}
    async with odd_slack({**good, method: answer}) as slack, aiohttp.ClientSession() as session:
        client = AsyncWebClient(token="xoxb-x", base_url=slack.url, session=session)
        yield Directory(client, WebApiCalls(VirtualClock()), OwnCompany("T0DEMO"), frozenset({"S1"}))


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": True},
        {"ok": True, "user": None},
        {"ok": True, "user": "U1"},
        {"ok": True, "user": {}},
        *({"ok": True, "user": {k: v for k, v in MEMBER.items() if k != key}} for key in list(MEMBER)[1:]),
        {"ok": True, "user": MEMBER | {"is_restricted": None}},
        [1],
        "<html>log in</html>",
    ],
)
async def test_a_person_of_whom_slack_does_not_say_everything_is_unknown(answer):
    async with told("users.info", answer) as directory:
        assert (await directory.actor("U1", "T0DEMO")).standing is AccountStatus.UNKNOWN


@pytest.mark.parametrize("odd", [{}, {"profile": "none"}, {"tz": 7, "name": ["x"]}])
async def test_what_decides_nothing_may_be_missing_or_odd(odd):
    async with told("users.info", {"ok": True, "user": MEMBER | odd}) as directory:
        assert (await directory.actor("U1", "T0DEMO")).standing is AccountStatus.MEMBER


@pytest.mark.parametrize("answer", [{"ok": True}, {"ok": True, "users": "U1"}, {"ok": True, "users": [{}]}])
async def test_an_answer_without_members_says_of_nobody_that_they_are_not_in_the_group(answer):
    async with told("usergroups.users.list", answer) as directory:
        assert (await directory.actor("U1", "T0DEMO")).groups == {UNREAD}


@pytest.mark.parametrize(
    ("channel", "external"),
    [
        (None, None),
        ("C1", None),
        ({}, None),
        ({"is_ext_shared": None}, None),
        ({"is_ext_shared": False}, False),
        ({"is_ext_shared": False, "is_pending_ext_shared": True}, True),
        ({"is_pending_ext_shared": True}, True),
    ],
)
async def test_a_channel_is_not_shared_only_if_slack_says_so(channel, external):
    async with told("conversations.info", {"ok": True, "channel": channel}) as directory:
        assert await directory.is_external("C1", "") is external


async def test_without_the_scope_for_people_the_refusal_names_it_and_the_command():
    async with workspace_site(AppManifest(scopes=frozenset({"chat:write"}))) as site:
        calls = WebApiCalls(site.clock)
        directory = Directory(site.client, calls, OwnCompany("T0DEMO"), frozenset())
        actor = await directory.actor("U0BOB", "T0DEMO")

    assert actor.standing is AccountStatus.UNKNOWN
    assert "the scope users:read. It has chat:write." in actor.doubt
    assert "`pgbot manifest`" in actor.doubt

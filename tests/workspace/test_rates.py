"""Rate limits: a tier per method, one message a second per channel, and refilling."""

from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError
from workspace_site import workspace_site

from bot.demo.workspace.conversation import Channel
from bot.demo.workspace.methods.registry import METHODS

pytestmark = pytest.mark.anyio


async def refused(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response["error"]


async def test_a_tier_is_enforced_and_refills():
    async with workspace_site(enforce_rates=True) as site:
        for _call in range(20):
            await site.client.usergroups_list()
        with pytest.raises(SlackApiError) as caught:
            await site.client.usergroups_list()
        answer = caught.value.response
        assert (answer.status_code, answer["error"]) == (429, "ratelimited")
        wait = int(answer.headers["Retry-After"])
        assert (await site.client.users_info(user="U0ALICE"))["ok"]
        site.clock.advance(timedelta(seconds=wait))
        assert (await site.client.usergroups_list())["ok"]


async def test_a_channel_takes_a_burst_and_then_one_message_a_second():
    async with workspace_site(enforce_rates=True) as site:
        for _message in range(10):
            await site.client.chat_postMessage(channel="C0OPS", text="x")
        assert await refused(site.client.chat_postMessage(channel="C0OPS", text="x")) == "ratelimited"
        assert (await site.client.chat_postMessage(channel="C0DBA", text="x"))["ok"]
        site.clock.advance(timedelta(seconds=1))
        assert (await site.client.chat_postMessage(channel="C0OPS", text="x"))["ok"]
        assert await refused(site.client.chat_postMessage(channel="C0OPS", text="x")) == "ratelimited"


async def test_a_team_takes_three_hundred_messages_a_minute():
    async with workspace_site(enforce_rates=True) as site:
        for number in range(30):
            site.workspace.add_channel(Channel(id=f"C{number}", name=f"c{number}", members={"U0PGBOT"}))
            for _message in range(10):
                await site.client.chat_postMessage(channel=f"C{number}", text="x")
        assert await refused(site.client.chat_postMessage(channel="C0OPS", text="x")) == "ratelimited"
        site.clock.advance(timedelta(seconds=1))
        assert (await site.client.chat_postMessage(channel="C0OPS", text="x"))["ok"]


def test_each_method_has_the_tier_that_slack_documents():
    tiers = {}
    for name, method in METHODS.items():
        tiers.setdefault(method.tier, set()).add(name)
    assert tiers == {
        None: {"auth.test", "chat.postMessage", "chat.getPermalink"},
        1: {"apps.connections.open"},
        2: {"conversations.list", "usergroups.list", "usergroups.users.list", "users.list"},
        3: {
            "chat.delete",
            "chat.update",
            "conversations.history",
            "conversations.info",
            "conversations.open",
            "conversations.replies",
            "reactions.add",
        },
        4: {
            "chat.postEphemeral",
            "conversations.members",
            "files.completeUploadExternal",
            "files.getUploadURLExternal",
            "users.info",
            "views.open",
            "views.publish",
            "views.push",
            "views.update",
        },
    }

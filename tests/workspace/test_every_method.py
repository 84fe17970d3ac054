"""Every Web API method, called by both of Slack's own Python clients in the style of each."""

import asyncio
import json

import pytest
from slack_sdk import WebClient
from workspace_site import workspace_site

from bot.demo.workspace.methods.registry import METHODS

pytestmark = pytest.mark.anyio

PROMISED = {
    "auth.test",
    "apps.connections.open",
    "chat.postMessage",
    "chat.postEphemeral",
    "chat.update",
    "chat.delete",
    "chat.getPermalink",
    "views.open",
    "views.update",
    "views.push",
    "views.publish",
    "users.info",
    "users.list",
    "usergroups.list",
    "usergroups.users.list",
    "conversations.info",
    "conversations.list",
    "conversations.members",
    "conversations.open",
    "conversations.history",
    "conversations.replies",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
    "reactions.add",
}
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Form"}, "blocks": [SECTION]}


class Awaited:
    """A synchronous client, called off the loop."""

    def __init__(self, url, token):
        self.client = WebClient(token=token, base_url=f"{url}/api/")

    def __getattr__(self, name):
        async def call(**arguments):
            return await asyncio.to_thread(getattr(self.client, name), **arguments)

        return call


@pytest.fixture(params=["async", "sync"])
async def clients(request):
    """Yield (site, client of the bot, client of the app)."""
    async with workspace_site() as site:
        if request.param == "async":
            yield site, site.client, site.client_with("xapp-demo")
        else:
            yield site, Awaited(site.url, "xoxb-demo"), Awaited(site.url, "xapp-demo")


def test_the_methods_are_those_promised():
    assert METHODS.keys() == PROMISED


async def test_account(clients):
    _site, bot, app = clients
    assert (await bot.auth_test())["user_id"] == "U0PGBOT"
    assert (await app.apps_connections_open(app_token="xapp-demo"))["url"].startswith("ws://127.0.0.1:")


async def test_chat(clients):
    site, bot, _app = clients
    metadata = {"event_type": "card", "event_payload": {"id": "1"}}
    attachments = [{"color": "#fff", "blocks": [SECTION]}]
    posted = await bot.chat_postMessage(
        channel="C0OPS", text="hello", blocks=[SECTION], attachments=attachments, metadata=metadata
    )
    stored = site.workspace.channels["C0OPS"].messages[posted["ts"]]
    assert (stored.metadata, stored.attachments, stored.blocks) == (metadata, attachments, [
        {**SECTION, "block_id": stored.blocks[0]["block_id"]}
    ])  # fmt: skip
    edited = await bot.chat_update(channel="C0OPS", ts=posted["ts"], text="better", blocks=[SECTION] * 2)
    assert (edited["text"], len(stored.blocks)) == ("better", 2)
    link = await bot.chat_getPermalink(channel="C0OPS", message_ts=posted["ts"])
    assert posted["ts"] in link["permalink"]
    whisper = await bot.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="psst", blocks=[SECTION])
    assert (await site.seen("U0ALICE", "C0OPS"))[-1]["ts"] == whisper["message_ts"]
    assert (await bot.chat_delete(channel="C0OPS", ts=posted["ts"]))["ts"] == posted["ts"]
    assert posted["ts"] not in site.workspace.channels["C0OPS"].messages


async def test_views(clients):
    site, bot, _app = clients
    issue = site.workspace.triggers.issue
    opened = (await bot.views_open(trigger_id=issue("U0ALICE"), view=MODAL))["view"]
    pushed = (await bot.views_push(trigger_id=issue("U0ALICE"), view=json.dumps(MODAL)))["view"]
    assert pushed["root_view_id"] == opened["id"]
    updated = await bot.views_update(view_id=opened["id"], hash=opened["hash"], view=MODAL)
    assert updated["view"]["hash"] != opened["hash"]
    page = {"type": "home", "blocks": [SECTION]}
    assert (await bot.views_publish(user_id="U0ALICE", view=page))["view"]["type"] == "home"


async def test_people(clients):
    _site, bot, _app = clients
    assert (await bot.users_info(user="U0ALICE"))["user"]["name"] == "alice"
    assert len((await bot.users_list(limit=200))["members"]) == 7
    listed = await bot.usergroups_list(include_users=True, include_disabled=False)
    assert [group["id"] for group in listed["usergroups"]] == ["S0DBA", "S0DEVS"]
    assert (await bot.usergroups_users_list(usergroup="S0DBA"))["users"] == ["U0BOB", "U0CAROL"]


async def test_conversations(clients):
    _site, bot, _app = clients
    assert (await bot.conversations_info(channel="C0OPS", include_num_members=True))["channel"]["is_member"]
    found = await bot.conversations_list(types=["private_channel"], exclude_archived=True, limit=5)
    assert [channel["id"] for channel in found["channels"]] == ["C0DBA"]
    assert "U0ALICE" in (await bot.conversations_members(channel="C0OPS"))["members"]
    assert (await bot.conversations_open(users=["U0ALICE"], return_im=True))["channel"]["user"] == "U0ALICE"
    parent = (await bot.chat_postMessage(channel="C0OPS", text="parent"))["ts"]
    await bot.chat_postMessage(channel="C0OPS", text="reply", thread_ts=parent)
    newest = await bot.conversations_history(channel="C0OPS", oldest=parent, inclusive=True)
    assert [message["text"] for message in newest["messages"]] == ["parent"]
    thread = await bot.conversations_replies(channel="C0OPS", ts=parent)
    assert [message["text"] for message in thread["messages"]] == ["parent", "reply"]


async def test_files(clients):
    site, bot, _app = clients
    told = await bot.files_getUploadURLExternal(filename="a.csv", length=3, snippet_type="csv")
    assert (await site.http.post(told["upload_url"], content=b"a,b")).status_code == 200
    done = await bot.files_completeUploadExternal(
        files=[{"id": told["file_id"], "title": "A"}], channel_id="C0OPS", initial_comment="Here"
    )
    assert done["files"][0]["title"] == "A"
    both = await bot.files_upload_v2(
        file_uploads=[{"content": "x", "filename": "x.txt"}, {"content": "yy", "filename": "y.txt"}],
        channel="C0DBA",
    )
    assert [file["size"] for file in both["files"]] == [1, 2]
    assert len((await site.seen("U0BOB", "C0DBA"))[-1]["files"]) == 2


async def test_reactions(clients):
    site, bot, _app = clients
    posted = await bot.chat_postMessage(channel="C0OPS", text="x")
    await bot.reactions_add(channel="C0OPS", timestamp=posted["ts"], name="eyes")
    assert site.workspace.channels["C0OPS"].messages[posted["ts"]].reactions == {"eyes": ["U0PGBOT"]}

"""The Web API of the Slack simulator, called by Slack's own client."""

import json

import pytest
from slack_sdk.errors import SlackApiError
from workspace_site import workspace_site

from bot.demo.workspace.app_manifest import EVERY_SCOPE, AppManifest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site():
    async with workspace_site() as open_site:
        yield open_site


async def refused(call):
    """Return the error word of a refused call."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response["error"]


async def test_auth_test_says_who_the_bot_is_and_what_it_may(site):
    answer = await site.client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0DEMO", "U0PGBOT", "B0PGBOT")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "method", "word"),
    [
        ("xoxb-wrong", "auth.test", "invalid_auth"),
        ("xapp-demo", "chat.postMessage", "not_allowed_token_type"),
        ("xoxb-demo", "apps.connections.open", "not_allowed_token_type"),
        ("xapp-wrong", "apps.connections.open", "invalid_auth"),
    ],
)
async def test_bad_tokens_are_refused_with_status_200(site, token, method, word):
    answer = await site.http.post(f"/api/{method}", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()) == (200, {"ok": False, "error": word})


async def test_no_token_is_not_authed(site):
    assert (await site.http.post("/api/auth.test")).json()["error"] == "not_authed"


async def test_an_unknown_method_is_named(site):
    answer = await site.http.post("/api/chat.shout", headers={"authorization": "Bearer xoxb-demo"})
    assert answer.json() == {"ok": False, "error": "unknown_method", "req_method": "chat.shout"}


BLOCKS = [{"type": "section", "text": {"type": "plain_text", "text": "hello"}}]
ARGUMENTS = {"channel": "C0OPS", "text": "a & b", "blocks": json.dumps(BLOCKS)}
BEARER = {"authorization": "Bearer xoxb-demo"}


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "POST", "json": {**ARGUMENTS, "blocks": BLOCKS}, "headers": BEARER},
        {"method": "POST", "json": ARGUMENTS, "headers": BEARER},
        {"method": "POST", "data": ARGUMENTS, "headers": BEARER},
        {"method": "POST", "data": {**ARGUMENTS, "token": "xoxb-demo"}},
        {"method": "POST", "params": ARGUMENTS, "headers": BEARER},
        {"method": "GET", "params": ARGUMENTS, "headers": BEARER},
        {
            "method": "POST",
            "files": {name: (None, value) for name, value in ARGUMENTS.items()},
            "headers": BEARER,
        },
    ],
    ids=["json", "json-string", "form", "form-token", "query-post", "query-get", "multipart"],
)
async def test_arguments_are_read_in_every_style(site, request_):
    answer = (await site.http.request(url="/api/chat.postMessage", **request_)).json()
    assert answer["ok"], answer
    assert answer["message"]["text"] == "a & b"
    assert answer["message"]["blocks"][0]["text"]["text"] == "hello"


@pytest.mark.parametrize(
    ("body", "word"), [(b"{", "invalid_json"), (b"[]", "json_not_object"), (b"nul", "invalid_json")]
)
async def test_json_that_is_none_is_refused(site, body, word):
    headers = {**BEARER, "content-type": "application/json"}
    assert (await site.http.post("/api/chat.postMessage", content=body, headers=headers)).json()[
        "error"
    ] == word


@pytest.mark.parametrize(
    ("channel", "word"),
    [
        ("C0NONE", "channel_not_found"),
        ("C0SECRET", "channel_not_found"),
        ("C0OLD", "is_archived"),
        ("U0GONE", "channel_not_found"),
        ("#board", "channel_not_found"),
    ],
)
async def test_messages_do_not_reach_where_the_bot_may_not_go(site, channel, word):
    assert await refused(site.client.chat_postMessage(channel=channel, text="x")) == word


async def test_a_public_channel_without_the_bot_needs_the_public_scope():
    async with workspace_site(AppManifest(scopes=EVERY_SCOPE - {"chat:write.public"})) as site:
        assert await refused(site.client.chat_postMessage(channel="C0GENERAL", text="x")) == "not_in_channel"
    async with workspace_site() as site:
        assert (await site.client.chat_postMessage(channel="C0GENERAL", text="x"))["ok"]


async def test_a_message_to_a_person_lands_in_their_direct_channel(site):
    answer = await site.client.chat_postMessage(channel="U0ALICE", text="hello")
    assert answer["channel"] == "D0ALICE"
    assert [message["text"] for message in await site.seen("U0ALICE", "D0ALICE")] == ["hello"]
    assert await site.seen("U0BOB", "D0ALICE") == []


async def test_posting_says_what_is_missing(site):
    silent = site.client.api_call("chat.postMessage", json={"channel": "C0OPS"})
    assert await refused(silent) == "no_text"
    assert (
        await refused(site.client.chat_postMessage(channel="C0OPS", text="x", thread_ts="1.1"))
        == "thread_not_found"
    )
    with pytest.raises(SlackApiError) as caught:
        await site.client.chat_postMessage(channel="C0OPS", text="x", blocks=[{"type": "header"}])
    answer = caught.value.response
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] missing required field: text [json-pointer:/blocks/0]"
    ]


async def test_long_text_is_cut_when_posted_and_refused_when_updated(site):
    posted = await site.client.chat_postMessage(channel="C0OPS", text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000
    late = site.client.chat_update(channel="C0OPS", ts=posted["ts"], text="x" * 4_001)
    assert await refused(late) == "msg_too_long"
    assert (await site.client.chat_update(channel="C0OPS", ts=posted["ts"], text="x" * 4_000))["ok"]


async def test_an_update_with_text_alone_takes_the_blocks_away(site):
    posted = await site.client.chat_postMessage(channel="C0OPS", text="x", blocks=BLOCKS)
    updated = await site.client.chat_update(channel="C0OPS", ts=posted["ts"], text="y")
    assert "blocks" not in updated["message"]
    seen = (await site.seen("U0BOB", "C0OPS"))[-1]
    assert (seen["text"], "edited" in seen) == ("y", True)


async def test_only_the_bots_own_visible_messages_can_be_changed(site):
    theirs = next(iter(site.workspace.channels["C0OPS"].messages))
    secret = await site.client.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="psst")
    for ts, updating, deleting in (
        (theirs, "cant_update_message", "cant_delete_message"),
        (secret["message_ts"], "message_not_found", "message_not_found"),
        ("1.000001", "message_not_found", "message_not_found"),
    ):
        assert await refused(site.client.chat_update(channel="C0OPS", ts=ts, text="z")) == updating
        assert await refused(site.client.chat_delete(channel="C0OPS", ts=ts)) == deleting


async def test_an_ephemeral_message_is_seen_by_one_person(site):
    await site.client.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="psst")
    assert (await site.seen("U0ALICE", "C0OPS"))[-1]["ephemeral"]
    assert "psst" not in [message["text"] for message in await site.seen("U0BOB", "C0OPS")]


@pytest.mark.parametrize(
    ("channel", "user", "word"),
    [
        ("C0OPS", "U0STRANGER", "user_not_in_channel"),
        ("C0OPS", "U0GONE", "user_not_in_channel"),
        ("C0DBA", "U0ALICE", "user_not_in_channel"),
        ("C0GENERAL", "U0ALICE", "not_in_channel"),
    ],
)
async def test_an_ephemeral_message_needs_both_in_the_channel(site, channel, user, word):
    assert await refused(site.client.chat_postEphemeral(channel=channel, user=user, text="x")) == word


async def test_delete_and_permalink(site):
    posted = await site.client.chat_postMessage(channel="C0OPS", text="gone soon")
    link = await site.client.chat_getPermalink(channel="C0OPS", message_ts=posted["ts"])
    assert posted["ts"] in link["permalink"]
    await site.client.chat_delete(channel="C0OPS", ts=posted["ts"])
    gone = site.client.chat_getPermalink(channel="C0OPS", message_ts=posted["ts"])
    assert await refused(gone) == "message_not_found"


@pytest.mark.parametrize(
    ("user", "facts"),
    [
        ("U0ALICE", {"deleted": False, "is_bot": False, "is_restricted": False, "team_id": "T0DEMO"}),
        ("U0GUEST", {"is_restricted": True}),
        ("U0GONE", {"deleted": True}),
        ("U0STRANGER", {"team_id": "T0OTHER", "is_stranger": True}),
        ("U0PGBOT", {"is_bot": True}),
    ],
)
async def test_users_info_tells_the_kinds_of_people_apart(site, user, facts):
    found = (await site.client.users_info(user=user))["user"]
    assert {name: found[name] for name in facts} == facts


async def test_users_list_pages_and_leaves_strangers_out(site):
    seen, cursor = [], None
    while cursor != "":
        page = await site.client.users_list(limit=3, cursor=cursor)
        seen += [member["id"] for member in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
    assert len(seen) == len(set(seen)) == 7
    assert "U0STRANGER" not in seen
    assert await refused(site.client.users_list(cursor="at:soon")) == "invalid_cursor"
    assert await refused(site.client.users_info(user="U0NOBODY")) == "user_not_found"


async def test_user_groups(site):
    listed = await site.client.usergroups_list(include_users=True)
    assert [group["handle"] for group in listed["usergroups"]] == ["dba", "devs"]
    assert listed["usergroups"][0]["users"] == ["U0BOB", "U0CAROL"]
    assert len((await site.client.usergroups_list(include_disabled=True))["usergroups"]) == 3
    assert (await site.client.usergroups_users_list(usergroup="S0DBA"))["users"] == ["U0BOB", "U0CAROL"]
    assert await refused(site.client.usergroups_users_list(usergroup="S0NONE")) == "no_such_subteam"
    assert await refused(site.client.usergroups_users_list(usergroup="S0OLD")) == "no_such_subteam"


async def test_conversations(site):
    client = site.client
    info = (await client.conversations_info(channel="C0SHARED"))["channel"]
    assert (info["is_ext_shared"], info["is_member"]) == (True, True)
    assert (await client.conversations_info(channel="C0GENERAL"))["channel"]["is_member"] is False
    assert await refused(client.conversations_info(channel="C0SECRET")) == "channel_not_found"
    names = [
        c["name"]
        for c in (await client.conversations_list(types="public_channel,private_channel"))["channels"]
    ]
    assert names == ["ops", "general", "dba", "supplier", "migration-2024"]
    assert (await client.conversations_members(channel="C0DBA"))["members"] == ["U0BOB", "U0CAROL", "U0PGBOT"]
    assert (await client.conversations_open(users="U0VERA"))["channel"]["id"] == "D0VERA"
    assert (await client.conversations_open(users=["U0STRANGER"], return_im=True))["channel"]["is_im"]
    assert await refused(client.conversations_open(users="U0GONE")) == "user_disabled"
    assert await refused(client.conversations_list(types="secret_channel")) == "invalid_types"


async def test_history_and_replies(site):
    parent = await site.client.chat_postMessage(channel="C0OPS", text="parent")
    await site.client.chat_postMessage(channel="C0OPS", text="reply", thread_ts=parent["ts"])
    await site.client.chat_postEphemeral(channel="C0OPS", user="U0ALICE", text="psst")
    history = await site.client.conversations_history(channel="C0OPS", limit=2)
    assert history["messages"][0]["text"] == "parent"
    assert history["has_more"] is True
    thread = await site.client.conversations_replies(channel="C0OPS", ts=parent["ts"])
    assert [message["text"] for message in thread["messages"]] == ["parent", "reply"]
    assert await refused(site.client.conversations_replies(channel="C0OPS", ts="1.1")) == "thread_not_found"
    assert await refused(site.client.conversations_history(channel="C0GENERAL")) == "not_in_channel"


async def test_a_file_arrives_with_every_byte(site):
    content = bytes(range(256)) * 40
    shared = await site.client.files_upload_v2(
        content=content, filename="clusters.csv", title="Clusters", channel="C0OPS", initial_comment="Here"
    )
    message = (await site.seen("U0BOB", "C0OPS"))[-1]
    assert (message["text"], message["files"][0]["title"]) == ("Here", "Clusters")
    fetched = await site.http.get(shared["files"][0]["url_private"])
    assert fetched.content == content
    assert "attachment" in fetched.headers["content-disposition"]


async def test_an_upload_is_checked_at_each_step(site):
    client = site.client
    told = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    early = client.files_completeUploadExternal(files=[{"id": told["file_id"]}], channel_id="C0OPS")
    assert await refused(early) == "file_not_found"
    assert (await site.http.post(told["upload_url"], content=b"four")).status_code == 400
    assert (await site.http.post(told["upload_url"], files={"file": b"abc"})).status_code == 200
    assert (await site.http.post(told["upload_url"], content=b"abc")).status_code == 400
    away = client.files_completeUploadExternal(files=[{"id": told["file_id"]}], channel_id="C0GENERAL")
    assert await refused(away) == "not_in_channel"
    for where, word in (
        ({"channel_id": "C0OLD"}, "is_archived"),
        ({"channel_id": "C0OPS", "thread_ts": "1.1"}, "thread_not_found"),
    ):
        refusing = client.files_completeUploadExternal(files=[{"id": told["file_id"]}], **where)
        assert await refused(refusing) == word
    done = await client.files_completeUploadExternal(files=[{"id": told["file_id"]}], channel_id="C0OPS")
    assert done["files"][0]["size"] == 3
    assert await refused(client.files_getUploadURLExternal(filename="a.txt", length=0)) == "invalid_arguments"


async def test_reactions_are_added_once(site):
    posted = await site.client.chat_postMessage(channel="C0OPS", text="x")
    where = {"channel": "C0OPS", "timestamp": posted["ts"]}
    await site.client.reactions_add(name="eyes", **where)
    assert await refused(site.client.reactions_add(name="eyes", **where)) == "already_reacted"
    assert (await site.seen("U0BOB", "C0OPS"))[-1]["reactions"] == [
        {"name": "eyes", "users": ["U0PGBOT"], "count": 1}
    ]

"""Triggers, views, rate limits, faults and the operator's handle."""

import asyncio
import json
from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError
from workspace_site import workspace_site

from bot.demo.workspace.manifest import Manifest, load_manifest

pytestmark = pytest.mark.anyio

MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Form"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "b",
            "label": {"type": "plain_text", "text": "Why"},
            "element": {"type": "plain_text_input", "action_id": "a"},
        }
    ],
}


@pytest.fixture
async def site():
    async with workspace_site() as open_site:
        yield open_site


async def refused(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response["error"]


async def test_a_trigger_works_once(site):
    trigger_id = site.workspace.triggers.issue("U0ALICE")
    await site.client.views_open(trigger_id=trigger_id, view=MODAL)
    again = site.client.views_open(trigger_id=trigger_id, view=MODAL)
    assert await refused(again) == "exchanged_trigger_id"


async def test_a_trigger_lives_for_three_seconds(site):
    young, old = site.workspace.triggers.issue("U0ALICE"), site.workspace.triggers.issue("U0ALICE")
    site.clock.advance(timedelta(seconds=2.9))
    await site.client.views_open(trigger_id=young, view=MODAL)
    site.clock.advance(timedelta(seconds=0.1))
    assert await refused(site.client.views_open(trigger_id=old, view=MODAL)) == "expired_trigger_id"
    assert await refused(site.client.views_open(trigger_id="1.2.x", view=MODAL)) == "invalid_trigger_id"


async def test_three_views_may_lie_on_one_another(site):
    def trigger():
        return site.workspace.triggers.issue("U0ALICE")

    assert await refused(site.client.views_push(trigger_id=trigger(), view=MODAL)) == "not_found"
    root = (await site.client.views_open(trigger_id=trigger(), view=MODAL))["view"]
    second = (await site.client.views_push(trigger_id=trigger(), view=MODAL))["view"]
    assert (second["previous_view_id"], second["root_view_id"]) == (root["id"], root["id"])
    await site.client.views_push(trigger_id=trigger(), view=MODAL)
    assert await refused(site.client.views_push(trigger_id=trigger(), view=MODAL)) == "push_limit_reached"


async def test_an_update_needs_the_newest_hash(site):
    opened = await site.client.views_open(trigger_id=site.workspace.triggers.issue("U0ALICE"), view=MODAL)
    view = opened["view"]
    new = {**MODAL, "title": {"type": "plain_text", "text": "Other"}}
    updated = await site.client.views_update(view_id=view["id"], view=new, hash=view["hash"])
    assert updated["view"]["hash"] != view["hash"]
    stale = site.client.views_update(view_id=view["id"], view=MODAL, hash=view["hash"])
    assert await refused(stale) == "hash_conflict"
    assert await refused(site.client.views_update(view_id="V0NONE", view=MODAL)) == "not_found"


async def test_what_was_typed_outlives_an_update_of_the_same_input(site):
    opened = await site.client.views_open(trigger_id=site.workspace.triggers.issue("U0ALICE"), view=MODAL)
    view = opened["view"]
    place = {"user": "U0ALICE", "view_id": view["id"]}
    await site.operate("click", **place, action_id="a", value="typed")
    kept = await site.client.views_update(view_id=view["id"], view=MODAL)
    assert kept["view"]["state"]["values"]["b"]["a"]["value"] == "typed"
    other = json.loads(json.dumps(MODAL).replace('"a"', '"z"'))
    lost = await site.client.views_update(view_id=view["id"], view=other)
    assert lost["view"]["state"]["values"] == {}


async def test_a_view_of_the_wrong_kind_or_over_a_limit_is_refused(site):
    trigger_id = site.workspace.triggers.issue("U0ALICE")
    home = {"type": "home", "blocks": []}
    assert await refused(site.client.views_open(trigger_id=trigger_id, view=home)) == "invalid_arguments"
    untitled = {**MODAL, "title": {"type": "plain_text", "text": "x" * 25}}
    assert await refused(site.client.views_open(trigger_id=trigger_id, view=untitled)) == "invalid_arguments"
    assert (await site.client.views_open(trigger_id=trigger_id, view=MODAL))["ok"]


async def test_external_ids_are_unique_and_find_the_view(site):
    named = {**MODAL, "external_id": "mine"}
    await site.client.views_open(trigger_id=site.workspace.triggers.issue("U0ALICE"), view=named)
    second = site.client.views_open(trigger_id=site.workspace.triggers.issue("U0BOB"), view=named)
    assert await refused(second) == "duplicate_external_id"
    assert (await site.client.views_update(external_id="mine", view=named))["ok"]


async def test_the_home_tab_is_published_per_person_and_only_where_enabled(site):
    page = {"type": "home", "blocks": [{"type": "divider"}]}
    published = await site.client.views_publish(user_id="U0ALICE", view=page)
    assert (await site.look("views", user="U0ALICE"))["home"]["id"] == published["view"]["id"]
    assert (await site.look("views", user="U0BOB"))["home"] is None
    stale = site.client.views_publish(user_id="U0ALICE", view=page, hash="0.old")
    assert await refused(stale) == "hash_conflict"
    assert await refused(site.client.views_publish(user_id="U0NOBODY", view=page)) == "user_not_found"
    site.workspace.manifest = Manifest(home_tab=False)
    assert await refused(site.client.views_publish(user_id="U0ALICE", view=page)) == "not_enabled"


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


@pytest.mark.parametrize(
    ("fault", "status", "word"),
    [
        ({"kind": "rate_limited", "seconds": 7}, 429, "ratelimited"),
        ({"kind": "server_error"}, 500, "internal_error"),
        ({"kind": "error"}, 200, "invalid_blocks"),
        ({"kind": "error", "code": "msg_blocks_too_long"}, 200, "msg_blocks_too_long"),
        ({"kind": "slow", "seconds": 0.01}, 200, None),
    ],
)
async def test_faults_happen_as_often_as_asked(site, fault, status, word):
    await site.operate("faults", target="chat.postMessage", times=2, **fault)
    request = {
        "url": "/api/chat.postMessage",
        "json": {"channel": "C0OPS", "text": "x"},
        "headers": {"authorization": "Bearer xoxb-demo"},
    }
    assert (await site.http.post("/api/auth.test", headers=request["headers"])).json()["ok"]
    for _time in range(2):
        answer = await site.http.post(**request)
        assert (answer.status_code, answer.json().get("error")) == (status, word)
        assert answer.headers.get("retry-after") == ("7" if status == 429 else None)
    assert (await site.http.post(**request)).json()["ok"]


async def test_faults_can_be_taken_back_and_must_be_known(site):
    await site.operate("faults", target="*", kind="server_error", times=9)
    await site.operate("faults", clear=True)
    assert (await site.client.auth_test())["ok"]
    assert (await site.operate("faults", target="*", kind="earthquake"))["error"] == "invalid_fault"
    assert (await site.operate("faults", kind="slow"))["error"] == "invalid_arguments"


async def test_the_handle_serves_this_machine_and_its_own_page_only(site):
    for headers in ({"host": "evil.example"}, {"origin": "http://evil.example"}):
        answer = await site.http.get("/_workspace/state", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "loopback_only")
        assert (await site.http.get("/_workspace/stream", headers=headers)).status_code == 403
    assert (await site.http.get("/_workspace/state", headers={"origin": site.url})).status_code == 200


async def test_the_handle_shows_the_workspace(site):
    state = await site.look("state")
    assert [person["id"] for person in state["people"]][:3] == ["U0ALICE", "U0BOB", "U0CAROL"]
    assert state["commands"][0]["name"] == "/pg"
    assert (state["connections"], state["request_url"]) == (0, None)
    assert state["now"] == "2026-11-23T09:00:00+00:00"
    names = [channel["name"] for channel in (await site.look("channels", user="U0BOB"))["channels"]]
    assert names == ["dba", "general", "ops", "supplier", "migration-2024", "PG Ops"]
    assert [c["name"] for c in (await site.look("channels", user="U0STRANGER"))["channels"]] == ["supplier"]
    assert (await site.look("messages", user="U0ALICE", channel="C0DBA"))["messages"] == []


async def test_the_clock_is_moved_and_where_to_deliver_is_set(site):
    assert (await site.operate("clock", seconds=90))["now"] == "2026-11-23T09:01:30+00:00"
    assert (await site.operate("clock", seconds=-1))["error"] == "invalid_arguments"
    assert (await site.operate("request_url", url="http://127.0.0.1:4000/slack"))["ok"]
    assert site.workspace.request_url == "http://127.0.0.1:4000/slack"
    for address in ("http://example.com/", "https://127.0.0.1/"):
        assert (await site.operate("request_url", url=address))["error"] == "loopback_only"
    assert (await site.operate("request_url", url=None))["ok"]


async def test_the_stream_tells_what_changes(site):
    async with site.http.stream("GET", "/_workspace/stream") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == ": listening"
        while not site.workspace.stream._queues:
            await asyncio.sleep(0.01)
        await site.client.chat_postMessage(channel="C0OPS", text="x")
        facts = [line async for line in _until(lines, "data:")]
        assert json.loads(facts[-1].removeprefix("data:")) == {"kind": "messages", "channel": "C0OPS"}


async def _until(lines, start):
    async for line in lines:
        yield line
        if line.startswith(start):
            return


async def test_a_manifest_says_commands_scopes_and_events(tmp_path):
    path = tmp_path / "manifest.yaml"
    path.write_text(
        "display_information: {name: Ops}\n"
        "features:\n"
        "  app_home: {home_tab_enabled: true}\n"
        "  slash_commands: [{command: /pg-dev, description: d, usage_hint: h, should_escape: true}]\n"
        "oauth_config: {scopes: {bot: [commands, chat:write]}}\n"
        "settings: {event_subscriptions: {bot_events: [app_home_opened]}}\n"
    )
    manifest = load_manifest(path)
    assert manifest.command("/pg-dev").should_escape is True
    assert manifest.command("/pg") is None
    assert (manifest.scopes, manifest.events) == ({"commands", "chat:write"}, {"app_home_opened"})
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ValueError, match="holds no mapping"):
        load_manifest(tmp_path / "list.json")

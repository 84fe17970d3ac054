"""Triggers, views, rate limits, faults and the operator API."""

import json
from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError
from workspace_site import workspace_site

from bot.demo.workspace.app_manifest import AppManifest

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
    site.workspace.manifest = AppManifest(home_tab=False)
    assert await refused(site.client.views_publish(user_id="U0ALICE", view=page)) == "not_enabled"


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
    for wrong in ({"times": 0}, {"seconds": -1}):
        answer = await site.operate("faults", target="*", kind="slow", **wrong)
        assert answer["error"] == "invalid_fault"
    assert (await site.operate("faults", target="*", kind="slow", seconds="soon"))["ok"] is False


@pytest.mark.parametrize(
    ("kind", "status"), [("error", 400), ("server_error", 500), ("rate_limited", 429), ("slow", 200)]
)
async def test_faults_reach_the_addresses_beside_the_web_api(site, kind, status):
    for target in ("response_url", "upload"):
        await site.operate("faults", target=target, kind=kind, seconds=0.01)
    hook = site.workspace.response_urls.issue(user="U0ALICE", channel="C0OPS")
    answered = await site.http.post(f"/response/{hook.key}", json={"text": "x"})
    told = await site.client.files_getUploadURLExternal(filename="a.txt", length=1)
    uploaded = await site.http.post(told["upload_url"], content=b"a")
    assert (answered.status_code, uploaded.status_code) == (status, status)
    assert hook.uses == (1 if kind == "slow" else 0)

"""The operator API: its callers, its views, and its controls."""

import asyncio
import json

import pytest
from slack_sdk.errors import SlackApiError
from workspace_site import workspace_site

from bot.demo.environment import open_environment
from bot.demo.http_client import loopback_client
from bot.demo.virtual_clock import VirtualClock

pytestmark = pytest.mark.anyio


async def refused(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response["error"]


@pytest.fixture
async def site():
    async with workspace_site() as open_site:
        yield open_site


async def test_the_handle_tells_which_faults_are_still_to_come(site):
    await site.operate("faults", target="auth.test", kind="error", code="team_access_not_granted", times=2)
    assert await refused(site.client.auth_test()) == "team_access_not_granted"
    (left,) = (await site.look("faults"))["faults"]
    assert (left["target"], left["kind"], left["times"]) == ("auth.test", "error", 1)


async def test_the_handle_shows_the_calls_without_their_tokens(site):
    await site.client.chat_postMessage(channel="C0OPS", text="x", token="xoxb-demo")
    await site.http.post("/api/users.info", data={"token": "xoxb-demo", "user": "U0BOB"})
    calls = (await site.look("calls"))["calls"]
    assert [call["method"] for call in calls] == ["chat.postMessage", "users.info"]
    assert (await site.look("calls", method="users.info"))["calls"] == [
        {"method": "users.info", "arguments": {"user": "U0BOB"}}
    ]
    assert "xoxb" not in json.dumps(calls)


async def test_the_handle_serves_this_machine_and_its_own_page_only(site):
    for headers in ({"host": "evil.example"}, {"origin": "http://evil.example"}):
        answer = await site.http.get("/_workspace/state", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "loopback_only")
        assert (await site.http.get("/_workspace/stream", headers=headers)).status_code == 403
        form = {"token": "xoxb-demo", "channel": "C0OPS", "text": "from elsewhere"}
        posted = await site.http.post("/api/chat.postMessage", data=form, headers=headers)
        assert (posted.status_code, posted.json()["error"]) == (403, "loopback_only")
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


async def test_people_answer_in_threads_that_are_there(site):
    said = (await site.operate("say", user="U0ALICE", channel="C0OPS", text="first"))["message"]
    place = {"user": "U0BOB", "channel": "C0OPS", "text": "second"}
    assert (await site.operate("say", **place, thread_ts=said["ts"]))["message"]["thread_ts"] == said["ts"]
    assert (await site.operate("say", **place, thread_ts="1.1"))["error"] == "thread_not_found"


async def test_the_stand_ins_share_one_clock():
    async with (
        open_environment({}, clock=VirtualClock(), clusters=1) as demo,
        loopback_client() as http,
    ):
        moved = await http.post(f"{demo.slack_url}/_workspace/clock", json={"seconds": 90})
        assert (await http.get(f"{demo.cloud_url}/_cloud/clock")).json() == {"now": moved.json()["now"]}
        await http.post(f"{demo.cloud_url}/_cloud/clock/advance", json={"seconds": 30})
        assert (await http.get(f"{demo.slack_url}/_workspace/state")).json()["now"] == (
            "2026-11-23T09:02:00+00:00"
        )

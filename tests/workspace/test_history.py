"""Messages as the Web API returns them: boundaries, pages, threads and metadata."""

import pytest
from slack_sdk.errors import SlackApiError
from workspace_site import workspace_site

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site():
    async with workspace_site() as open_site:
        yield open_site


async def refused(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    return caught.value.response["error"]


async def post(site, text, **more):
    return (await site.client.chat_postMessage(channel="C0DBA", text=text, **more))["ts"]


async def texts(site, **query):
    answer = await site.client.conversations_history(channel="C0DBA", **query)
    return [message["text"] for message in answer["messages"]]


async def test_the_ends_of_a_span_belong_to_it_only_when_asked_for(site):
    first, _second, third = [await post(site, text) for text in ("one", "two", "three")]
    assert await texts(site, oldest=first, latest=third) == ["two"]
    assert await texts(site, oldest=first, latest=third, inclusive=True) == ["three", "two", "one"]
    assert await texts(site, oldest=first) == ["three", "two"]


async def test_pages_are_of_a_hundred_and_not_above_a_thousand(site):
    for number in range(101):
        await post(site, str(number))
    page = await site.client.conversations_history(channel="C0DBA")
    assert (len(page["messages"]), page["has_more"]) == (100, True)
    rest = await site.client.conversations_history(
        channel="C0DBA", cursor=page["response_metadata"]["next_cursor"]
    )
    assert ([message["text"] for message in rest["messages"]], rest["has_more"]) == (["0"], False)
    assert await refused(site.client.conversations_history(channel="C0DBA", limit=1001)) == "invalid_limit"
    assert await refused(site.client.conversations_history(channel="C0DBA", limit=-1)) == "invalid_limit"


async def test_a_parent_tells_of_its_thread(site):
    parent = await post(site, "parent")
    await post(site, "first", thread_ts=parent)
    last = await post(site, "last", thread_ts=parent)
    said = (await site.client.conversations_history(channel="C0DBA"))["messages"]
    told = ("reply_count", "reply_users", "reply_users_count", "latest_reply", "thread_ts")
    assert [said[0][name] for name in told] == [2, ["U0PGBOT"], 1, last, parent]
    assert len(said) == 1


async def test_metadata_is_shown_when_asked_for_and_has_a_shape(site):
    metadata = {"event_type": "card", "event_payload": {"id": "1"}}
    await post(site, "x", metadata=metadata)
    plain = await site.client.conversations_history(channel="C0DBA")
    assert "metadata" not in plain["messages"][0]
    whole = await site.client.conversations_history(channel="C0DBA", include_all_metadata=True)
    assert whole["messages"][0]["metadata"] == metadata
    assert await refused(post(site, "x", metadata={"event_type": "card"})) == "invalid_metadata_format"


async def test_a_direct_message_is_opened_once(site):
    first = await site.client.conversations_open(users="U0STRANGER")
    again = await site.client.conversations_open(users="U0STRANGER")
    assert [(answer["already_open"], answer["no_op"]) for answer in (first, again)] == [
        (False, False),
        (True, True),
    ]
    assert first["channel"] == again["channel"]
    both = site.client.conversations_open(users="U0ALICE,U0BOB")
    assert await refused(both) == "method_not_supported_for_channel_type"
    assert await refused(site.client.conversations_open(users="")) == "users_list_not_supplied"


async def test_an_answer_names_the_scopes_that_would_do(site):
    answer = await site.client.users_info(user="U0ALICE")
    assert answer.headers["x-accepted-oauth-scopes"] == "users:read"

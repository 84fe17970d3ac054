"""The response_url: five uses, thirty minutes, and each kind of answer."""

from datetime import timedelta

import pytest
from workspace_site import workspace_site

from bot.demo.workspace.conversation import StoredMessage

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site():
    async with workspace_site() as open_site:
        yield open_site


def address(site, message_ts=None, channel="C0OPS"):
    hook = site.workspace.response_urls.issue(user="U0ALICE", channel=channel, message_ts=message_ts)
    return f"/response/{hook.key}"


async def texts(site, user="U0ALICE", channel="C0OPS"):
    return [message["text"] for message in await site.seen(user, channel)][-2:]


async def test_it_works_five_times(site):
    url = address(site)
    answers = [await site.http.post(url, json={"text": f"answer {n}"}) for n in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert answers[5].text == "used_url"
    assert (await texts(site))[-1] == "answer 4"


async def test_it_works_for_thirty_minutes(site):
    url = address(site)
    site.clock.advance(timedelta(minutes=29, seconds=59))
    assert (await site.http.post(url, json={"text": "in time"})).status_code == 200
    site.clock.advance(timedelta(seconds=1))
    late = await site.http.post(url, json={"text": "late"})
    assert (late.status_code, late.text) == (404, "expired_url")


async def test_a_refused_answer_does_not_count_as_a_use(site):
    url = address(site)
    refused = await site.http.post(url, json={"text": "x", "blocks": [{"type": "header"}]})
    assert (refused.status_code, refused.text) == (400, "invalid_blocks")
    assert (await site.http.post(url, json={})).text == "no_text"
    assert (await site.http.post(url, content=b"{")).text == "invalid_payload"
    assert [(await site.http.post(url, json={"text": "x"})).status_code for _use in range(5)] == [200] * 5


async def test_answers_are_private_unless_they_say_otherwise(site):
    url = address(site)
    await site.http.post(url, json={"text": "for me"})
    await site.http.post(url, json={"text": "for all", "response_type": "in_channel"})
    assert await texts(site) == ["for me", "for all"]
    assert "for me" not in await texts(site, user="U0BOB")
    assert (await texts(site, user="U0BOB"))[-1] == "for all"


async def test_it_works_where_the_bot_is_not_a_member(site):
    url = address(site, channel="C0GENERAL")
    assert (
        await site.http.post(url, json={"text": "hello", "response_type": "in_channel"})
    ).status_code == 200
    assert (await texts(site, channel="C0GENERAL"))[-1] == "hello"


async def test_the_original_can_be_replaced_and_deleted(site):
    original = site.workspace.add_message(
        StoredMessage(
            ts=site.workspace.next_ts(), channel="C0OPS", user="U0PGBOT", text="first", only_for="U0ALICE"
        )
    )
    url = address(site, message_ts=original.ts)
    await site.http.post(url, json={"text": "second", "replace_original": True})
    replaced = (await site.seen("U0ALICE", "C0OPS"))[-1]
    assert (replaced["text"], replaced["ts"], replaced["ephemeral"]) == ("second", original.ts, True)
    assert "edited" in replaced
    both = await site.http.post(url, json={"delete_original": True, "text": "third"})
    assert (both.status_code, both.text) == (400, "invalid_payload")
    await site.http.post(url, json={"delete_original": True, "text": ""})
    assert "second" not in await texts(site)


async def test_a_form_with_a_payload_is_read_too(site):
    answer = await site.http.post(address(site), data={"payload": '{"text": "from a form"}'})
    assert answer.status_code == 200
    assert (await texts(site))[-1] == "from a form"


async def test_an_unknown_address_and_a_fault(site):
    assert (await site.http.post("/response/none", json={"text": "x"})).status_code == 404
    await site.operate("faults", target="response_url", kind="server_error")
    url = address(site)
    assert (await site.http.post(url, json={"text": "x"})).status_code == 500
    assert (await site.http.post(url, json={"text": "x"})).status_code == 200

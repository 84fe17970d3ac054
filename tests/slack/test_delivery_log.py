"""Each message is sent once: what Slack took without saying so is found before it is sent again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import aiohttp
import anyio
import pytest
from outbox_kit import HurryingClock, make_outbox, open_database, open_outbox
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs
from workspace_site import workspace_site

from bot.demo.virtual_clock import EPOCH, VirtualClock
from bot.demo.workspace.app_manifest import AppManifest
from bot.demo.workspace.conversation import StoredMessage
from bot.demo.workspace.members import BOT_USER
from bot.demo.workspace.slack_faults import SlackFault
from bot.domain.errors import SlackError
from bot.domain.reply import Audience, File, Note, Reply
from bot.domain.request import Actor, Invocation, Origin
from bot.slack.delivery_log import KEEP, LOOK_FOR, SECOND_COPY, SETTLE, DeliveryRows, metadata
from bot.slack.message_renderer import SlackMessage, render
from bot.slack.outbox import UNCONFIRMED

pytestmark = pytest.mark.anyio
HELLO = SlackMessage("Hello")
WITH_FILE = Reply("A report", (Note("Here it is."), File("report.csv", b"a,b\r\n1,2\r\n")))
ALL = AppManifest().scopes
BLIND = AppManifest(scopes=ALL - {"channels:history", "groups:history", "im:history"})


def fault(site, target, kind, **more):
    site.workspace.faults.add(SlackFault(target=target, kind=kind, **more))


def texts(site, channel="C0OPS"):
    return [each.text for each in site.workspace.channels[channel].messages.values() if each.user == BOT_USER]


def times(site, method):
    return sum(name == method for name, _ in site.workspace.calls)


async def refused(outbox, message=HELLO, **more):
    with pytest.raises(SlackError) as caught:
        await outbox.post("C0OPS", message, key="1", **more)
    return caught.value.code


async def test_a_message_that_slack_took_without_an_answer_is_found_and_not_sent_again():
    async with open_outbox() as (site, outbox, _):
        fault(site, "chat.postMessage", "unanswered")
        posted = await outbox.post("C0OPS", HELLO, key="1")

        assert site.workspace.channels["C0OPS"].messages[posted.ts].text == "Hello"
        assert times(site, "chat.postMessage") == 1


async def test_a_message_below_another_is_found_there():
    async with open_outbox() as (site, outbox, _):
        above = await outbox.post("C0OPS", HELLO, key="0")
        fault(site, "chat.postMessage", "unanswered")
        posted = await outbox.post("C0OPS", SlackMessage("Below"), key="1", thread=above.ts)

        assert site.workspace.channels["C0OPS"].messages[posted.ts].thread_ts == above.ts
        assert (texts(site), times(site, "conversations.replies")) == (["Hello", "Below"], 1)


async def test_after_a_restart_the_key_finds_the_message_which_says_then_what_it_should():
    async with open_outbox() as (site, outbox, clock):
        fault(site, "chat.postMessage", "unanswered")
        fault(site, "conversations.history", "server_error")
        assert await refused(outbox) == "no_answer"
        clock.advance(timedelta(hours=3))
        await outbox.post("C0OPS", SlackMessage("Hello again"), key="1")

        assert texts(site) == ["Hello again"]
        assert times(site, "chat.postMessage") == 1


async def test_the_same_key_is_never_sent_twice():
    async with open_outbox() as (site, outbox, _):
        first = await outbox.post("C0OPS", HELLO, key="1")
        assert await outbox.post("C0OPS", HELLO, key="1") == first
        assert texts(site) == ["Hello"]


async def test_what_is_not_there_is_sent_once_slack_has_had_time_to_show_it():
    async with open_outbox() as (site, outbox, clock):
        fault(site, "chat.postMessage", "server_error")
        assert await refused(outbox) == "internal_error"
        assert await refused(outbox) == "no_answer"
        early = texts(site)
        clock.advance(SETTLE)
        await outbox.post("C0OPS", HELLO, key="1")

        assert (early, texts(site)) == ([], ["Hello"])


@pytest.mark.parametrize(("seconds", "code"), [(500, "ratelimited"), (0, "not_in_channel")])
async def test_what_slack_surely_refused_is_sent_again_without_a_look(seconds, code):
    kind = "rate_limited" if seconds else "error"
    async with open_outbox() as (site, outbox, clock):
        fault(site, "chat.postMessage", kind, seconds=seconds, code=code)
        assert await refused(outbox) == code
        clock.advance(timedelta(seconds=seconds))
        await outbox.post("C0OPS", HELLO, key="1")

        assert (texts(site), times(site, "conversations.history")) == (["Hello"], 0)


async def test_a_refused_connection_may_be_repeated_at_once():
    async with open_outbox() as (site, _, clock), aiohttp.ClientSession() as session, open_database() as rows:
        gone = AsyncWebClient(token="x", base_url="http://127.0.0.1:1/", session=session, retry_handlers=[])
        assert await refused(make_outbox(gone, session, clock, rows)) == "not_connected"
        await make_outbox(site.client, site.client.session, clock, rows).post("C0OPS", HELLO, key="1")

        assert (texts(site), times(site, "conversations.history")) == (["Hello"], 0)


async def test_a_bot_that_may_not_look_sends_one_copy_which_says_so_and_never_a_third():
    async with open_outbox(BLIND) as (site, outbox, clock):
        fault(site, "chat.postMessage", "unanswered", times=2)
        for _ in range(4):
            assert await refused(outbox, render(Reply("Hello"))) == "no_answer"
            clock.advance(timedelta(hours=1))

        blocks = [each.blocks for each in site.workspace.channels["C0OPS"].messages.values()]
        assert [SECOND_COPY in str(each) for each in blocks if "Hello" in str(each)] == [False, True]


async def test_a_copy_that_slack_refuses_leaves_it_open_that_the_first_may_be_there():
    async with open_outbox(BLIND) as (site, outbox, clock):
        fault(site, "chat.postMessage", "unanswered")
        await refused(outbox)
        fault(site, "chat.postMessage", "error", code="is_archived")
        assert await refused(outbox) == "is_archived"
        clock.advance(timedelta(hours=1))
        await outbox.post("C0OPS", HELLO, key="1")

        assert texts(site) == ["Hello", f"Hello\n{SECOND_COPY}"]


async def test_a_history_that_slack_does_not_hand_out_now_is_waited_for_before_a_copy_is_sent():
    async with open_outbox() as (site, outbox, clock):
        fault(site, "conversations.history", "server_error", times=9)
        fault(site, "chat.postMessage", "unanswered")
        await refused(outbox)
        clock.advance(LOOK_FOR - timedelta(seconds=1))
        await refused(outbox)
        early = texts(site)
        clock.advance(timedelta(minutes=1))
        await outbox.post("C0OPS", HELLO, key="1")

        assert (early, texts(site)) == (["Hello"], ["Hello", f"Hello\n{SECOND_COPY}"])


async def test_a_key_of_a_clock_that_was_ahead_is_not_looked_for_where_it_says():
    ahead = HurryingClock()
    ahead.advance(timedelta(days=365))
    async with open_outbox() as (site, _, clock), open_database() as rows:
        fault(site, "chat.postMessage", "unanswered")
        fault(site, "conversations.history", "server_error")
        await refused(make_outbox(site.client, site.client.session, ahead, rows))
        await make_outbox(site.client, site.client.session, clock, rows).post("C0OPS", HELLO, key="1")

        assert texts(site) == ["Hello", f"Hello\n{SECOND_COPY}"]


async def test_what_is_there_counts_as_sent_although_it_cannot_be_edited():
    async with open_outbox() as (site, outbox, _):
        fault(site, "chat.update", "error", code="edit_window_closed")
        first = await outbox.post("C0OPS", HELLO, key="1")
        assert await outbox.post("C0OPS", SlackMessage("Hello again"), key="1") == first
        assert texts(site) == ["Hello"]


async def test_what_others_post_with_the_key_is_not_taken_for_the_message():
    async with open_outbox() as (site, outbox, clock):
        fault(site, "chat.postMessage", "server_error")
        await refused(outbox)
        forged = StoredMessage(ts="", channel="C0OPS", user="U0ALICE", text="Hello", metadata=metadata("1"))
        site.workspace.add_message(replace(forged, ts=site.workspace.next_ts()))
        clock.advance(SETTLE)
        await outbox.post("C0OPS", HELLO, key="1")

        assert texts(site) == ["Hello"]


async def test_files_that_slack_took_without_an_answer_are_found_by_their_ids():
    async with open_outbox() as (site, outbox, _):
        fault(site, "files.completeUploadExternal", "unanswered")
        await outbox.direct("U0BOB", render(WITH_FILE), key="1")
        await outbox.direct("U0BOB", render(WITH_FILE), key="1")

        shared = [each.files for each in site.workspace.channels["D0BOB"].messages.values() if each.files]
        assert len(shared) == 1


async def test_keys_are_forgotten_after_a_month():
    clock = VirtualClock()
    async with workspace_site(clock=clock) as site, open_database() as database:
        outbox, rows = make_outbox(site.client, site.client.session, clock, database), DeliveryRows(database)
        await outbox.post("C0OPS", HELLO, key="1")
        clock.advance(KEEP - timedelta(minutes=1))
        tidying = asyncio.create_task(outbox.deliveries.keep_tidy())
        await rows.get("1")
        kept = await rows.get("1")
        with anyio.fail_after(120):
            while await rows.get("1") is not None:
                clock.advance(timedelta(hours=1))
                await anyio.sleep(0.01)
        tidying.cancel()

    assert kept is not None


# What nobody can look for


def asked(channel="C0OPS"):
    actor = Actor(origin=Origin.SLACK, id="U0ALICE")
    return Invocation(key="k", trace="t", actor=actor, channel=channel, text="cluster list", at=EPOCH)


async def test_one_shown_to_one_person_without_an_answer_follows_by_direct_message_and_says_so():
    async with open_outbox() as (site, outbox, _):
        fault(site, "chat.postEphemeral", "unanswered")
        for _ in range(2):
            await outbox.ephemeral("C0OPS", "U0ALICE", HELLO, key="1")

        assert (texts(site), texts(site, "D0ALICE")) == (["Hello"], [f"Hello\n{UNCONFIRMED}"])


def response_url(site, message_ts=None):
    issued = site.workspace.response_urls.issue(user="U0ALICE", channel="C0OPS", message_ts=message_ts)
    return f"{site.url}/response/{issued.key}"


@pytest.mark.parametrize("audience", Audience)
async def test_an_answer_to_an_address_that_says_nothing_follows_by_direct_message(audience):
    async with open_outbox() as (site, outbox, _):
        fault(site, "response_url", "unanswered")
        await outbox.answer(asked(), response_url(site), HELLO, audience)

        assert (texts(site), texts(site, "D0ALICE")) == (["Hello"], [f"Hello\n{UNCONFIRMED}"])


async def test_an_answer_in_the_place_of_another_is_sent_twice_without_harm():
    async with open_outbox() as (site, outbox, _):
        before = await outbox.post("C0OPS", SlackMessage("Before"), key="0")
        fault(site, "response_url", "unanswered")
        url = response_url(site, before.ts)
        await outbox.answer(asked(), url, HELLO, Audience.PRIVATE, replace=True)

        assert (texts(site), texts(site, "D0ALICE")) == (["Hello"], [])


# While the bot runs


async def test_an_answer_that_slack_does_not_take_is_sent_again_and_comes_once():
    async with open_outbox() as (site, outbox, clock):
        fault(site, "chat.postMessage", "rate_limited", seconds=90, times=3)
        fault(site, "chat.postMessage", "unanswered")
        await outbox.answer(asked(), "", render(WITH_FILE), Audience.CHANNEL)

        assert len([each for each in texts(site) if each]) == 1
        assert clock.now() - EPOCH < timedelta(minutes=5)


async def test_an_answer_is_kept_for_a_quarter_of_an_hour():
    async with open_outbox() as (site, outbox, clock):
        fault(site, "chat.postMessage", "error", code="invalid_auth", times=10_000)
        with pytest.raises(SlackError, match="refuses the bot token"):
            await outbox.answer(asked(), "", HELLO, Audience.CHANNEL)

        assert timedelta(minutes=15) <= clock.now() - EPOCH < timedelta(minutes=16)
        assert texts(site) == []


async def test_answers_to_one_conversation_come_in_order_and_hold_up_no_other():
    clock = VirtualClock()
    async with workspace_site(clock=clock) as site, open_database() as database:
        outbox = make_outbox(site.client, site.client.session, clock, database)

        async def answer(text, channel):
            invocation = replace(asked(channel), trace=text)
            return asyncio.create_task(outbox.answer(invocation, "", SlackMessage(text), Audience.CHANNEL))

        async def comes(channel, count):
            with anyio.fail_after(120):
                while len(texts(site, channel)) < count:
                    await anyio.sleep(0.01)
                    clock.advance(timedelta(seconds=0.1))
            return texts(site, channel)

        fault(site, "chat.postMessage", "error", code="rate_limited")
        with capture_logs() as logs, anyio.fail_after(120):
            waiting = [await answer("first", "C0OPS")]
            while not any(each["event"] == "sending again" for each in logs):
                await anyio.sleep(0.01)
        waiting += [await answer(each, "C0OPS") for each in ("second", "third")]
        waiting.append(await answer("elsewhere", "C0DBA"))
        elsewhere, early = await comes("C0DBA", 1), texts(site)
        ordered = await comes("C0OPS", 3)
        await asyncio.gather(*waiting)

    assert (elsewhere, early) == (["elsewhere"], [])
    assert ordered == ["first", "second", "third"]

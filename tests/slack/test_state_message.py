"""The record that the bot keeps in a channel, outside its machine."""

from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError
from workspace_site import workspace_site

from bot.demo.workspace.conversation import StoredMessage
from bot.demo.workspace.members import BOT, BOT_USER, TEAM
from bot.demo.workspace.slack_faults import SlackFault
from bot.domain.errors import SlackError
from bot.slack.connection import BotIdentity
from bot.slack.own_messages import OwnMessages, StateMessage
from bot.slack.web_api import WebApiCalls

pytestmark = pytest.mark.anyio

OPS = "C0OPS"
IDENTITY = BotIdentity(team=TEAM, bot_user=BOT_USER, bot_id=BOT)


def record(site, kind="pgbot_state"):
    """Return the record as a process that has just been started has it."""
    own = OwnMessages(site.client, WebApiCalls(site.clock), IDENTITY)
    return StateMessage(OPS, kind, "The bot keeps its state here.", own, site.clock)


def by_bot(site):
    return [message for message in site.workspace.channels[OPS].messages.values() if message.by_bot]


def methods(site):
    return [name for name, _ in site.workspace.calls]


def say(site, text, user="U0ALICE", **more):
    message = StoredMessage(ts=site.workspace.next_ts(), channel=OPS, user=user, text=text, **more)
    site.workspace.add_message(message)


async def test_a_record_is_posted_once_then_edited_and_read_by_another_process():
    async with workspace_site() as site:
        first = record(site)
        assert await first.read() is None
        await first.write({"epoch": 1, "hash": "9c1d"})
        await first.write({"epoch": 2, "hash": "77ab"})

        (message,) = by_bot(site)
        assert message.text == "The bot keeps its state here."
        assert await record(site).read() == {"epoch": 2, "hash": "77ab"}


async def test_a_process_that_has_not_read_yet_edits_the_record_that_is_there():
    async with workspace_site() as site:
        await record(site).write({"epoch": 1})
        await record(site).write({"epoch": 2})
        assert [each.metadata["event_payload"] for each in by_bot(site)] == [{"epoch": 2}]


async def test_records_of_other_kinds_and_messages_of_others_are_not_taken_for_it():
    async with workspace_site() as site:
        await record(site, "pgbot_other").write({"epoch": 7})
        forged = {"event_type": "pgbot_state", "event_payload": {"epoch": 9}}
        say(site, "mine", metadata=forged)
        assert await record(site).read() is None


async def test_a_record_is_found_behind_more_messages_than_one_page_has():
    async with workspace_site() as site:
        await record(site).write({"epoch": 1})
        for number in range(1_300):
            say(site, f"message {number}")
        assert await record(site).read() == {"epoch": 1}
        assert methods(site).count("conversations.history") == 1 + 3


async def test_a_record_is_posted_again_after_a_day_and_the_old_message_removed():
    async with workspace_site() as site:
        kept = record(site)
        await kept.write({"epoch": 1})
        before = by_bot(site)[0].ts
        site.clock.advance(timedelta(days=1, seconds=1))
        await kept.write({"epoch": 2})
        (message,) = by_bot(site)
        assert message.ts > before
        assert await record(site).read() == {"epoch": 2}


async def test_the_newest_counts_where_an_old_message_could_not_be_removed():
    async with workspace_site() as site:
        kept = record(site)
        await kept.write({"epoch": 1})
        site.clock.advance(timedelta(days=2))
        site.workspace.faults.add(SlackFault(target="chat.delete", kind="error", code="internal_error"))
        await kept.write({"epoch": 2})
        await kept.write({"epoch": 3})
        assert len(by_bot(site)) == 2
        assert await record(site).read() == {"epoch": 3}


async def test_a_deleted_record_is_posted_again():
    async with workspace_site() as site:
        kept = record(site)
        await kept.write({"epoch": 1})
        site.workspace.channels[OPS].messages.clear()
        await kept.write({"epoch": 2})
        assert await record(site).read() == {"epoch": 2}


@pytest.mark.parametrize("method", ["conversations.history", "chat.postMessage", "chat.update"])
async def test_a_slack_that_does_not_answer_is_no_empty_record(method):
    async with workspace_site() as site:
        kept = record(site)
        if method == "chat.update":
            await kept.write({"epoch": 1})
        site.workspace.faults.add(SlackFault(target=method, kind="server_error", times=1))
        with pytest.raises(SlackError):
            await kept.write({"epoch": 2})
        await kept.write({"epoch": 3})
        assert len(by_bot(site)) == 1
        assert await kept.read() == {"epoch": 3}


async def test_a_channel_without_the_bot_is_an_error():
    async with workspace_site() as site:
        site.workspace.channels[OPS].members.discard(BOT_USER)
        with pytest.raises(SlackError) as error:
            await record(site).read()
        assert "not in that channel" in str(error.value)
        with pytest.raises(SlackApiError):
            await site.client.conversations_history(channel=OPS)

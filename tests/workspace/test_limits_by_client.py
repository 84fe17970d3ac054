"""Slack's limits for messages posted by the official client over a socket."""

import pytest
from slack_sdk.errors import SlackApiError
from workspace_payloads import JUST_ENOUGH, TOO_MUCH, section
from workspace_site import workspace_site

pytestmark = pytest.mark.anyio


async def error_of(client, blocks):
    """Return the error word of a message with these blocks, None if it is posted."""
    try:
        await client.chat_postMessage(channel="C0OPS", text="x", blocks=blocks)
    except SlackApiError as refused:
        return refused.response["error"]
    return None


async def test_every_message_over_a_limit_is_refused_and_none_is_posted():
    async with workspace_site() as site:
        before = len(site.workspace.channels["C0OPS"].messages)
        answers = {name: await error_of(site.client, blocks) for name, blocks in TOO_MUCH.items()}
        assert {name for name, word in answers.items() if word != "invalid_blocks"} == set()
        assert await error_of(site.client, [section("x" * 3000)] * 5) == "msg_blocks_too_long"
        assert len(site.workspace.channels["C0OPS"].messages) == before
    assert len(TOO_MUCH) >= 50


async def test_every_message_at_a_limit_is_posted():
    async with workspace_site() as site:
        answers = {name: await error_of(site.client, blocks) for name, blocks in JUST_ENOUGH.items()}
        assert {name for name, word in answers.items() if word is not None} == set()
    assert len(JUST_ENOUGH) >= 20

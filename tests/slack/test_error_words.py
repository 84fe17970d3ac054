"""Refusals for want of a permission: each names the scope and the command that prints the manifest."""

import pytest
from odd_slack import odd_slack
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import SlackError
from bot.slack.web_api import WebApiCalls

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            {"error": "missing_scope", "needed": "chat:write", "provided": "commands,users:read"},
            "The app lacks a permission in Slack: the scope chat:write. It has commands and users:read.",
        ),
        (
            {"error": "no_permission"},
            "The app lacks a permission in Slack: the scope channels:read or groups:read.",
        ),
        (
            {"error": "not_allowed_token_type", "needed": "channels:read"},
            "Slack does not take this kind of token for the call. It needs the scope channels:read.",
        ),
        (
            {"error": "team_access_not_granted"},
            "The organization has not given the app access to this workspace.",
        ),
        ({"error": "access_denied"}, "The workspace does not let the app do this."),
        ({"error": "app_not_installed"}, "The app is not installed in this workspace."),
        ({"error": "new_word", "needed": "a:b"}, "Slack refused: new_word. It needs the scope a:b."),
        (
            {"error": "missing_scope", "needed": "<!channel> xoxb-1", "provided": "\n"},
            "The app lacks a permission in Slack: the scope channels:read or groups:read.",
        ),
    ],
)
async def test_a_missing_permission_is_named(answer, sentence):
    async with odd_slack({"conversations.info": {"ok": False, **answer}}) as slack:
        calls = WebApiCalls(VirtualClock())
        with pytest.raises(SlackError) as refused:
            await calls(AsyncWebClient(token="xoxb-1", base_url=slack.url).conversations_info, channel="C1")

    assert refused.value.sentence == sentence
    assert "`pgbot manifest`" in refused.value.next_step

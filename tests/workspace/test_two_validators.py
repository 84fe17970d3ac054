"""The bot's own limits and the stand-in's were written apart: here each checks the other."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from reply_strategies import replies
from workspace_payloads import JUST_ENOUGH, TOO_MUCH

from bot.demo.workspace.validator import check_message
from bot.slack.blocks import plain_message, render
from bot.slack.limits import problems

STRICTER_HERE = {
    "section input accessory",
    "duplicate block_id in a container",
    "focus twice",
    "select starts elsewhere",
    "checkboxes start elsewhere",
    "several choices among actions",
    "date and time accessory",
    "input shortest above longest",
    "number input from words",
    "category twice",
}
"""Refused by the stand-in alone: the bot builds none of these."""

NOT_OURS = {"video", "context_actions 5"}
"""Taken by the stand-in for the sake of other apps: the bot's renderer has no such blocks."""


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(replies)
def test_no_reply_is_refused_however_it_is_rendered(reply):
    for message in (render(reply), plain_message(reply)):
        assert check_message(json.loads(json.dumps(message.blocks))) is None


@pytest.mark.parametrize("name", TOO_MUCH.keys() - STRICTER_HERE)
def test_the_bot_too_sees_what_is_over_a_limit(name):
    assert problems({"text": "x", "blocks": TOO_MUCH[name]})


@pytest.mark.parametrize("name", JUST_ENOUGH.keys() - NOT_OURS)
def test_the_bot_too_takes_what_is_at_a_limit(name):
    assert problems({"text": "x", "blocks": JUST_ENOUGH[name]}) == []

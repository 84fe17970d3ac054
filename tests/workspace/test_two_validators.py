"""The bot and the simulator read one table of shapes; how they count a message's length is written apart."""

import json

import pytest
from example_counts import examples
from hypothesis import HealthCheck, given, settings
from reply_strategies import replies
from workspace_payloads import JUST_ENOUGH, TOO_MUCH

from bot.demo.workspace.validator import check_message
from bot.slack.message_budget import message_problems
from bot.slack.message_renderer import plain_message, render


@settings(max_examples=examples(30, 100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(replies)
def test_no_reply_is_refused_however_it_is_rendered(reply):
    for message in (render(reply), plain_message(reply)):
        assert check_message(json.loads(json.dumps(message.blocks))) is None


@pytest.mark.parametrize("name", TOO_MUCH)
def test_the_bot_too_sees_what_is_over_a_limit(name):
    assert message_problems({"text": "x", "blocks": TOO_MUCH[name]})


@pytest.mark.parametrize("name", JUST_ENOUGH)
def test_the_bot_too_takes_what_is_at_a_limit(name):
    assert message_problems({"text": "x", "blocks": JUST_ENOUGH[name]}) == []

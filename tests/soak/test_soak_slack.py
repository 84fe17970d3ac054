"""Long runs behind `make soak RUNS=n`: random replies against both sets of Slack's limits, random input."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reply_strategies import replies

import handlers
from bot.commands.declaration import Registry
from bot.commands.parser import parse
from bot.demo.workspace.validator import check_message
from bot.domain.errors import InputError
from bot.slack.message_budget import message_problems
from bot.slack.message_renderer import plain_message, render

pytestmark = pytest.mark.soak
RUNS = int(os.environ.get("SOAK_RUNS", "1000"))
REGISTRY = Registry.discover(handlers)


@given(replies)
@settings(max_examples=RUNS * 50, suppress_health_check=list(HealthCheck))
def test_no_reply_is_refused_by_either_set_of_limits(reply):  # two messages each: 100,000 for 1,000 runs
    for message in (render(reply), plain_message(reply)):
        payload = message.payload()
        assert message_problems(payload) == []
        check_message(payload.get("blocks", []))  # raises what Slack would say


@given(
    st.text()
    | st.lists(st.sampled_from(["cluster", "list", "--state", "show", "=", '"', "—", "<@U1>"])).map(" ".join)
)
@settings(max_examples=RUNS * 10, suppress_health_check=list(HealthCheck))
def test_no_text_brings_the_parser_down(text):
    try:
        outcome = parse(text, REGISTRY)
    except InputError as error:
        outcome = error.sentence and error.next_step

    assert outcome

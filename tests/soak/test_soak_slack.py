"""Long runs behind `make soak RUNS=n`: random replies against both sets of Slack's limits, random input."""

import json
import os
from secrets import randbelow

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reply_strategies import random_reply, seeded

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


def test_no_reply_is_refused_by_either_set_of_limits():
    """Two messages a reply: 100,000 for 1,000 runs. SOAK_SEED=n RUNS=1 repeats a reply and the next 49."""
    first = int(os.environ.get("SOAK_SEED") or randbelow(2**32))
    for seed in range(first, first + RUNS * 50):
        try:
            _assert_slack_takes(random_reply(seeded(seed)))
        except Exception as error:
            error.add_note(f"The reply was made with SOAK_SEED={seed}.")
            raise


def _assert_slack_takes(reply):
    for message in (render(reply), plain_message(reply)):
        payload = message.payload()
        assert message_problems(payload) == []
        check_message(payload.get("blocks", []))  # raises what Slack would say
        json.dumps(payload, ensure_ascii=False).encode()  # no lone surrogate


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

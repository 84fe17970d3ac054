"""The connection to Slack: the bot's identity, Socket Mode, and a sentence for every other answer."""

import tracemalloc

import pytest
from odd_slack import BOT, odd_slack
from pydantic import SecretStr

from bot.demo.cloud.fault_injection import make_bomb
from bot.demo.loopback_server import LoopbackServer
from bot.domain.errors import SlackError
from bot.settings.sections import SlackSettings
from bot.slack.connection import open_slack, open_socket_address

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def token(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-canary")


async def connect(answers):
    """Make every call that precedes the bot's start and return the error."""
    async with odd_slack(answers) as slack:
        with pytest.raises(SlackError) as caught:
            async with open_slack(SlackSettings(api_url=slack.url)) as side:
                await open_socket_address(side.client, SecretStr("xapp-canary"))
    assert "canary" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
@pytest.mark.parametrize("answer", ["<html>log in first</html>", [1], [], "", {}, {"ok": False}, 7, None])
async def test_what_is_not_slack_is_said(method, answer):
    error = await connect({method: answer})

    assert error.sentence == "The server at slack.api_url is not Slack's API."


@pytest.mark.parametrize(
    ("method", "says"),
    [
        ("auth.test", "Slack refuses the bot token: invalid_auth."),
        ("apps.connections.open", "Slack refuses to open Socket Mode with the app token: invalid_auth."),
    ],
)
async def test_a_refusal_is_given_in_slacks_own_word(method, says):
    error = await connect({method: {"ok": False, "error": "invalid_auth"}})

    assert (error.sentence, error.code) == (says, "invalid_auth")


@pytest.mark.parametrize("missing", ["team_id", "user_id", "bot_id"])
async def test_an_answer_that_does_not_say_whose_bot_it_is_is_refused(missing):
    error = await connect({"auth.test": {key: value for key, value in BOT.items() if key != missing}})

    assert "does not say whose bot this is" in error.sentence


async def test_nobody_there_is_said():
    with pytest.raises(SlackError, match="Slack cannot be reached: ClientConnectorError"):
        async with open_slack(SlackSettings(api_url="http://127.0.0.1:9/api/")):
            raise AssertionError("it is open")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_small_answer_that_unpacks_to_a_large_one_is_not_collected(encoding):
    async def app(_scope, _receive, send):
        await make_bomb(64, encoding).send(send)

    tracemalloc.start()
    try:
        async with LoopbackServer(app) as server:
            with pytest.raises(SlackError):
                async with open_slack(SlackSettings(api_url=f"{server.url}/api/")):
                    raise AssertionError("it is open")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 30_000_000

"""The age of signatures in HTTP mode, with a clock under the test's control."""

from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from bot.demo.virtual_clock import EPOCH, VirtualClock
from bot.slack.connection import SlackRetry
from bot.slack.receiver import SignedRequests, SlackReceiver

pytestmark = pytest.mark.anyio
SECRET = "demo-signing-secret"


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
async def http(clock):
    bolt = AsyncApp(
        client=AsyncWebClient(token="xoxb-x"), signing_secret=SECRET, request_verification_enabled=False
    )
    receiver = SlackReceiver(SlackRetry(clock))
    transport = httpx.ASGITransport(Starlette(routes=[receiver.route()]))
    async with (
        receiver.by_http(bolt, SignedRequests(SECRET, clock)),
        httpx.AsyncClient(transport=transport, base_url="http://bot") as http,
    ):
        yield http


async def post(http, form, secret=SECRET):
    body = urlencode(form)
    at = str(int(EPOCH.timestamp()))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": at,
        "x-slack-signature": SignatureVerifier(secret).generate_signature(timestamp=at, body=body),
    }
    return await http.post("/slack/events", content=body, headers=headers)


@pytest.mark.parametrize(("seconds", "status"), [(0, 200), (299, 200), (301, 401), (86_400, 401)])
async def test_a_signature_is_good_for_five_minutes(http, clock, seconds, status):
    clock.advance(timedelta(seconds=seconds))

    assert status == (await post(http, {"ssl_check": "1"})).status_code


async def test_a_signature_by_another_secret_is_none(http):
    assert (await post(http, {"ssl_check": "1"}, secret="another")).status_code == 401


async def test_only_post_is_taken(http):
    assert (await http.get("/slack/events")).status_code == 405

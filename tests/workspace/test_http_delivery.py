"""Signed HTTP deliveries to a listener that records them: signatures, retries, and the address check."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from workspace_site import workspace_site

from bot.demo.loopback_server import LoopbackServer
from bot.demo.workspace.app_manifest import EVERY_SCOPE, AppManifest

pytestmark = pytest.mark.anyio

VERIFIER = SignatureVerifier("demo-signing-secret")


@dataclass
class Listener:
    """A listener that answers with the next of `answers`, then 200, and records deliveries."""

    answers: list[Response] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def receive(self, request):
        self.heard.append((dict(request.headers), await request.body()))
        return self.answers.pop(0) if self.answers else Response()

    def retries(self):
        names = ("x-slack-retry-num", "x-slack-retry-reason")
        return [tuple(headers.get(name) for name in names) for headers, _body in self.heard]


@asynccontextmanager
async def listening(*answers, ack_seconds=3.0):
    listener = Listener(list(answers))
    app = Starlette(routes=[Route("/slack", listener.receive, methods=["POST"])])
    async with workspace_site(ack_seconds=ack_seconds) as site, LoopbackServer(app) as server:
        listener.url = f"{server.url}/slack"
        site.workspace.request_url = listener.url
        yield site, listener


async def mention(site):
    await site.operate("say", user="U0BOB", channel="C0OPS", text="@pgops hello")


async def settled(site):
    """Wait until no redelivery is under way."""
    while site.workspace._tasks:
        await asyncio.sleep(0.01)


async def retried(site, *waits):
    """Advance the workspace's clock for one redelivery after another."""
    for wait in waits:
        while not site.clock._sleepers:
            await asyncio.sleep(0.01)
        site.clock.advance(timedelta(seconds=wait))
    await settled(site)


async def test_every_kind_of_delivery_is_signed():
    async with listening() as (site, listener):
        await site.operate("slash", user="U0ALICE", channel="C0OPS", text="/pg x")
        await mention(site)
        await settled(site)
        kinds = [headers["content-type"] for headers, _body in listener.heard]
        assert kinds == ["application/x-www-form-urlencoded", "application/json"]
        for headers, body in listener.heard:
            assert VERIFIER.is_valid_request(body, headers)
            assert not VERIFIER.is_valid_request(body + b" ", headers)


async def test_an_event_that_fails_comes_again_with_number_and_reason():
    broken = [Response(status_code=500), Response(status_code=404)]
    async with listening(*broken) as (site, listener):
        await mention(site)
        await retried(site, 60)
        assert listener.retries() == [(None, None), ("1", "http_error"), ("2", "http_error")]
        assert len({body for _headers, body in listener.heard}) == 1


async def test_an_event_without_a_listener_comes_again_too():
    async with listening() as (site, listener):
        site.workspace.request_url = "http://127.0.0.1:9/slack"
        await mention(site)
        while not site.clock._sleepers:
            await asyncio.sleep(0.01)
        site.workspace.request_url = listener.url
        await retried(site, 60)
        assert listener.retries() == [("2", "connection_failed")]


async def test_a_bot_can_ask_for_no_retry():
    async with listening(Response(status_code=500, headers={"x-slack-no-retry": "1"})) as (site, listener):
        await mention(site)
        await settled(site)
        assert len(listener.heard) == 1


async def test_a_lost_ack_brings_an_event_again():
    async with listening() as (site, listener):
        await site.operate("faults", target="app_mention", kind="lost_ack")
        await mention(site)
        await settled(site)
        assert listener.retries() == [(None, None), ("1", "http_timeout")]


async def test_a_command_is_never_sent_again():
    async with listening(Response(status_code=500)) as (site, listener):
        answer = await site.operate("slash", user="U0ALICE", channel="C0OPS", text="/pg x")
        assert answer["error"] == "dispatch_failed"
        await settled(site)
        assert len(listener.heard) == 1


@pytest.mark.parametrize(
    ("manifest", "event"),
    [
        (AppManifest(), "app_mention"),
        (AppManifest(events=frozenset({"message.im"})), "message"),
        (AppManifest(home_tab=False), "app_home_opened"),
        (AppManifest(events=frozenset()), None),
        (AppManifest(scopes=EVERY_SCOPE - {"app_mentions:read"}), None),
        (AppManifest(events=frozenset({"message.im"}), scopes=EVERY_SCOPE - {"im:history"}), None),
    ],
)
async def test_events_come_as_the_manifest_and_its_scopes_allow(manifest, event):
    async with listening() as (site, listener):
        site.workspace.manifest = manifest
        if event == "app_home_opened":
            await site.operate("home", user="U0ALICE")
        else:
            channel = "D0ALICE" if "message.im" in manifest.events else "C0OPS"
            await site.operate("say", user="U0ALICE", channel=channel, text="@pgops hello")
        await settled(site)
        heard = [json.loads(body)["event"] for _headers, body in listener.heard]
        assert [each["type"] for each in heard] == ([event] if event else [])
        assert [each.get("tab") for each in heard] == (
            [] if not event else ["messages" if event == "app_home_opened" else None]
        )


async def test_events_say_whether_their_channel_is_shared_with_others():
    async with listening() as (site, listener):
        for channel in ("C0OPS", "C0SHARED"):
            await site.operate("say", user="U0BOB", channel=channel, text="@pgops hello")
            await settled(site)
        shared = [b'"is_ext_shared_channel": true' in body for _headers, body in listener.heard]
        assert shared == [False, True]


@pytest.mark.parametrize("form", ["text", "json", "wrong", "silent"])
async def test_an_address_can_be_proved_before_it_is_used(form):
    async def answer(request):
        body = await request.json()
        assert body["type"] == "url_verification"
        assert VERIFIER.is_valid_request(await request.body(), dict(request.headers))
        challenge = body["challenge"]
        return {
            "text": Response(challenge, media_type="text/plain"),
            "json": JSONResponse({"challenge": challenge}),
            "wrong": Response("something else", media_type="text/plain"),
            "silent": Response(),
        }[form]

    app = Starlette(routes=[Route("/slack", answer, methods=["POST"])])
    async with workspace_site() as site, LoopbackServer(app) as server:
        outcome = await site.operate("request_url", url=f"{server.url}/slack", verify=True)
        proved = form in {"text", "json"}
        assert (outcome["ok"], outcome.get("error")) == (proved, None if proved else "challenge_failed")
        assert site.workspace.request_url == (f"{server.url}/slack" if proved else None)

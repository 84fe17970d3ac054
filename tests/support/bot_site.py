"""The whole bot in the demo environment: real listeners, HTTP and WebSockets; simulators outside."""

import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import anyio
import httpx
from in_process import call_in_process
from manifests import manifest_of
from one_contract import SETTINGS, move_clusters
from prepared_data import prepare_folder
from slack_sdk.signature import SignatureVerifier

from bot.changes.follow import ignore_points
from bot.demo.cloud.app import create_app
from bot.demo.environment import DemoEnvironment, open_environment
from bot.demo.http_client import loopback_client
from bot.demo.virtual_clock import VirtualClock
from bot.demo.workspace.server import create_site
from bot.programs.serve import Running, serving
from bot.settings.model import load_settings

OPS = "C0OPS"

PAUSE = 0.03
"""Seconds between two looks at a bot that works: each takes a tenth of that from it."""


@dataclass
class Site:
    """A running bot, with actions and views of the people who use it."""

    demo: DemoEnvironment
    bot: Running
    http: httpx.AsyncClient

    async def slash(self, user, text, channel=OPS):
        """Type a line and return Slack's outcome (`ok`, `error`, `ack`)."""
        body = {"user": user, "channel": channel, "text": text}
        return (await self.http.post("/_workspace/slash", json=body)).json()

    async def click(self, user, message, label, channel=OPS):
        """Press the button with that label. Fail here if the message has none, not where its effect is
        awaited."""
        body = {"user": user, "channel": channel, "ts": message["ts"], "label": label}
        outcome = (await self.http.post("/_workspace/click", json=body)).json()
        assert outcome.get("error") != "action_not_found", f"no button {label} in: {message['text']}"
        return outcome

    async def seen(self, user, channel=OPS, after=""):
        """Return the messages that this person sees, or those of them after that `ts`."""
        query = {"user": user, "channel": channel, "after": after}
        return (await self.http.get("/_workspace/messages", params=query)).json()["messages"]

    async def ask(self, user, text, channel=OPS):
        """Type a line and return its answer."""
        after = self.latest(channel)
        outcome = await self.slash(user, text, channel)
        assert outcome["ok"], outcome
        return await self.next_message(user, after, channel)

    def latest(self, channel=OPS):
        """Return the `ts` of the last message: each one is later than all before it."""
        known = self.demo.workspace.channels.get(channel)
        return max(known.messages, default="") if known else ""

    async def next_message(self, user, after, channel=OPS):
        """Wait for a message after that `ts` and return it: the one only visible to this person where there
        is one, since cards and their threads continue meanwhile. A missing one ends the test by its time
        limit."""
        with anyio.fail_after(120):
            answered = False
            while True:
                new = await self.seen(user, channel, after)
                private = [message for message in new if message["ephemeral"]]
                if private or (new and answered):
                    return (private or new)[-1]
                # Before the next look, which has then all that came with the answer.
                answered = bool(new) and not await self.unanswered()
                if not answered:
                    await anyio.sleep(PAUSE)

    def audit(self):
        """Return the actions of people, oldest first, read from the file as an auditor would. The row that
        every start writes about the settings is left out."""
        connection = sqlite3.connect(self.bot.kernel.database.path)
        connection.row_factory = sqlite3.Row
        rows = [
            dict(row) for row in connection.execute("SELECT * FROM audit WHERE kind != 'policy' ORDER BY seq")
        ]
        connection.close()
        return rows

    async def unanswered(self):
        """Return the number of unanswered deliveries."""
        database = self.bot.kernel.database
        query = "SELECT count(*) FROM inbox WHERE answered_at IS NULL"
        return (await database.read(lambda db: db.execute(query).fetchone()))[0]

    async def idle(self):
        """Wait until the bot has answered every delivery."""
        with anyio.fail_after(120):
            while await self.unanswered():
                await anyio.sleep(PAUSE)  # the bot tells nobody when it is idle


class Signed:
    """A client that sends requests to the bot, signed as Slack signs them."""

    def __init__(self, site, http):
        self.site = site
        self.http = http
        self.verifier = SignatureVerifier("demo-signing-secret")

    async def post(self, form=None, *, body=None, headers=None, at=None):
        body = urlencode(form) if body is None else body
        at = str(int(self.site.demo.clock.now().timestamp() if at is None else at))
        signed = {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": at,
            "x-slack-signature": self.verifier.generate_signature(timestamp=at, body=body) or "",
        }
        return await self.http.post(
            f"{self.site.bot.url}/slack/events", content=body, headers=signed | (headers or {})
        )


@asynccontextmanager
async def in_company(http, company):
    """Put the workspace into a company (`/_workspace/company`), if one is given."""
    if company:
        (await http.post("/_workspace/company", json=company)).raise_for_status()
    yield


@asynccontextmanager
async def bot_site(
    tmp_path,
    monkeypatch,
    *,
    mode="socket",
    settings=SETTINGS,
    clusters=44,
    at_point=ignore_points,
    company=None,
    machine=lambda clock: clock,
    prepare=lambda demo: None,
):
    """Start the bot in one of its two modes with the app.yaml `settings`, in a `company` (`/_workspace`).

    `machine` makes the clock of its machine of the one that the simulators go by, which `prepare` prepares.
    """
    manifest = manifest_of(settings)
    async with open_environment(manifest, clock=VirtualClock(), clusters=clusters) as demo:
        # A busy machine takes its time to ack; whether Slack's three seconds are kept, test_gateway tests.
        demo.workspace.ack_seconds = 10.0
        prepare(demo)
        variables = demo.environment(prepare_folder(tmp_path / "data")) | {
            "PGBOT_SLACK__MODE": mode,
            "PGBOT_CONFIG": str(settings),
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        setup = load_settings(environment=variables)
        move_clusters(demo.cloud, setup.settings)
        cloud = call_in_process(demo.cloud_url, create_app(demo.cloud))
        slack = call_in_process(demo.slack_url, create_site(demo.workspace))
        async with (
            loopback_client(base_url=demo.slack_url, timeout=20, transport=slack()) as http,
            in_company(http, company),
            serving(setup, machine(demo.clock), at_point, cloud) as bot,
        ):
            if mode == "http":
                demo.workspace.request_url = f"{bot.url}/slack/events"
            yield Site(demo, bot, http)

"""Outages of Slack at the start and later: the bot waits, says why, and asks no more often than it may."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from odd_slack import BOT, HANGS, WELCOME, InTurn, odd_slack
from starlette.responses import HTMLResponse, JSONResponse

from bot.demo.http_client import loopback_client
from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import SlackError
from bot.domain.slack_trouble import KNOWN, SlackTrouble
from bot.programs.serve import serving
from bot.settings.model import load_settings

pytestmark = pytest.mark.anyio

OUTAGES = {
    "limited": (
        lambda: JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": "40"}),
        "Slack asks to wait 40 s.",
    ),
    "down": (lambda: HTMLResponse("<h1>bad gateway</h1>", 502), "Slack answers with status 502."),
    "trouble": (lambda: {"ok": False, "error": "internal_error"}, "Slack answers internal_error."),
    "garbage": (lambda: "<html>log in first</html>", "not Slack's API"),
    "unheard of": (lambda: {"ok": False, "error": "moon_is_full"}, "Slack answers moon_is_full."),
}


TOKEN_WORDS = sorted(word for word, kind in KNOWN.items() if kind is SlackTrouble.WORKSPACE)
PASSING = {"The bot is starting.", "Socket Mode is not connected."}


@pytest.fixture(autouse=True)
def tokens(monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-canary")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-canary")


class Start:
    """A start of the bot on a clock that stands still until `pass_time`."""

    def __init__(self, folder, slack):
        self.clock, self.folder = VirtualClock(), folder
        environment = {"PGBOT_DATA": str(folder), "PGBOT_HTTP__PORT": "0", "PGBOT_SLACK__API_URL": slack.url}
        self.setup = load_settings(environment=environment)
        self.is_ready = asyncio.Event()

    async def run(self):
        async with serving(self.setup, self.clock):
            self.is_ready.set()
            await asyncio.Event().wait()

    async def readiness(self):
        """Return the status of /readyz and its reason about Slack, once the web server listens."""
        lock = self.folder / "serve.lock"
        while not (lock.exists() and (url := lock.read_text().strip())):
            await asyncio.sleep(0.01)
        async with loopback_client(base_url=url) as http:
            answer = await http.get("/readyz")
        return answer.status_code, answer.json().get("why", {}).get("slack", "")

    async def reason(self):
        """Return the first reason other than those of every start."""
        while (found := await self.readiness())[1] in PASSING:
            await asyncio.sleep(0.01)
        return found

    async def pass_time(self):
        """Let time pass until the bot is ready; return the seconds."""
        seconds = 0
        while not self.is_ready.is_set():
            self.clock.advance(timedelta(seconds=1))
            seconds += 1
            await asyncio.sleep(0.005)
        return seconds


@asynccontextmanager
async def begun(folder, slack):
    start = Start(folder / "data", slack)
    slack.wire_clock = start.clock
    running = asyncio.create_task(start.run())
    try:
        async with asyncio.timeout(120):
            yield start
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
@pytest.mark.parametrize("outage", OUTAGES)
async def test_an_outage_at_the_start_is_waited_for(tmp_path, capfd, method, outage):
    answer, why = OUTAGES[outage]
    answers = [answer() for _ in range(3)] + ([BOT] if method == "auth.test" else [])
    async with odd_slack({method: InTurn(answers)}) as slack, begun(tmp_path, slack) as start:
        status, reason = await start.reason()
        seconds = await start.pass_time()
        works = await start.readiness()
        asked = dict(slack.times)

    assert (status, why in reason) == (503, True)
    assert works == (200, "")
    assert asked == {"auth.test": 1, "apps.connections.open": 1, "websocket": 1} | {method: 4}
    assert seconds >= 3 * (40 if outage == "limited" else 0.5)
    said = capfd.readouterr()
    assert "canary" not in said.out + said.err


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_connection_that_is_not_taken_is_tried_with_a_new_address_each_time(tmp_path, capfd, status):
    refusals = [HTMLResponse("no", status, headers={"Retry-After": "40"}) for _ in range(2)]
    async with (
        odd_slack({"websocket": InTurn([*refusals, WELCOME])}) as slack,
        begun(tmp_path, slack) as start,
    ):
        _, reason = await start.reason()
        seconds = await start.pass_time()
        asked = dict(slack.times)

    assert reason == "Slack does not take the Socket Mode connection: WSServerHandshakeError."
    assert asked == {"auth.test": 1, "apps.connections.open": 3, "websocket": 3}
    assert seconds >= (80 if status == 429 else 1)
    said = capfd.readouterr()
    assert "canary" not in said.out + said.err


@pytest.mark.parametrize("word", TOKEN_WORDS)
@pytest.mark.parametrize(
    ("method", "token"), [("auth.test", "SLACK_BOT_TOKEN"), ("apps.connections.open", "SLACK_APP_TOKEN")]
)
async def test_a_token_that_is_refused_ends_the_start_and_is_named(tmp_path, method, token, word):
    async with odd_slack({method: {"ok": False, "error": word}}) as slack:
        start = Start(tmp_path / "data", slack)
        with pytest.raises(SlackError) as caught:
            await start.run()

    assert word in caught.value.sentence
    assert token in caught.value.next_step


async def test_a_connection_that_is_lost_later_is_made_again_also_after_refusals(tmp_path):
    """A token that worked may be refused for a while, as when it is renewed."""
    async with odd_slack({}) as slack, begun(tmp_path, slack) as start:
        await start.is_ready.wait()
        address = slack.answers["apps.connections.open"]
        refused = {"ok": False, "error": "token_revoked"}
        slack.answers["apps.connections.open"] = InTurn([OUTAGES["limited"][0](), refused, address])
        await slack.sockets[0].close()
        reasons = []
        while (found := await start.readiness()) != (200, "") or len(slack.sockets) < 2:
            if found[1] not in reasons:
                reasons.append(found[1])
            start.clock.advance(timedelta(seconds=1))
            await asyncio.sleep(0.005)
        asked = slack.times["apps.connections.open"]

    assert [each for each in reasons if each and each not in PASSING] == [
        "Slack asks to wait 40 s.",
        "Slack refuses to open Socket Mode with the app token: token_revoked.",
    ]
    assert asked == 4


SILENT = ["auth.test", "apps.connections.open", "websocket"]


@pytest.mark.soak
@pytest.mark.parametrize("method", SILENT)
async def test_silence_has_an_end(tmp_path, method):
    """Ten seconds of the machine's, for each step."""
    good = {"auth.test": [BOT], "websocket": [WELCOME]}.get(method, [])
    async with odd_slack({method: InTurn([HANGS, *good])}) as slack, begun(tmp_path, slack) as start:
        _, reason = await start.reason()
        await start.pass_time()

    assert reason.endswith(": TimeoutError.")

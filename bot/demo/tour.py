"""`pgbot demo --script`: what a first minute in Slack looks like, played by a script in the terminal."""

import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from bot.demo.http_client import loopback_client
from bot.demo.virtual_clock import VirtualClock
from bot.domain.errors import PgbotError

SECONDS = 20
"""How long an answer may take before the tour gives up: the stand-ins are on this machine."""


@dataclass(frozen=True, slots=True)
class TourStep:
    """Somebody types a line, then perhaps presses the button of that label under the answer.

    `says` is what the answer must hold, and `then_says` the one that the button brings.
    """

    who: str
    line: str
    says: str
    press: str = ""
    then_says: str = ""


SCENES = (
    TourStep("U0ALICE", "/pg help", "What you can do here"),
    TourStep("U0ALICE", "/pg cluster list --tier prod", "clusters of"),
    TourStep("U0ALICE", "/pg cluster lsit", "There is no command"),
    TourStep("U0ALICE", "/pg cluster show orders-prod", "orders-prod: AVAILABLE"),
    TourStep(
        "U0BOB",
        "/pg log show orders-prod --since 1d --grep timeout --limit 100",
        "log line",
        press="Older lines",
        then_says="log line",
    ),
    TourStep("U0GUEST", "/pg cluster list", "You may not run"),
    TourStep("U0BOB", "/pg version list --share", "PostgreSQL"),
    TourStep("U0VERA", "/pg whoami", "You are vera"),
)


RESTORE = '/pg restore orders-prod --to 2h --reason "bad deploy"'
CARD = "Restore orders-prod to"
APPROVERS = (("U0BOB", "bob", "Approved by bob"), ("U0CAROL", "carol", "and carol"))
"""Who presses, and what the card says then."""

LOOKS = 200
"""How often the card is looked at, half a minute of the demo's time apart, before the tour gives up."""


class TourFailed(PgbotError):
    """The tour did not see what it should have."""


@dataclass(frozen=True, slots=True)
class Tour:
    """Plays the scenes through the stand-in Slack's operator's handle, as a person would on the page."""

    slack_url: str
    clock: VirtualClock
    say: Callable[[str], None]
    seconds: float = SECONDS

    async def play(self) -> None:
        """Raises TourFailed at the first answer that does not come or is not the one expected."""
        async with loopback_client(base_url=self.slack_url, timeout=SECONDS) as http:
            for scene in SCENES:
                await self._play(http, scene)
            await self._restore(http)

    async def _restore(self, http: httpx.AsyncClient) -> None:
        """Alice asks, two others approve on the card that everybody sees, and it runs once."""
        await self._play(http, TourStep("U0ALICE", RESTORE, "needs approval by 2 dba"))
        for user, name, says in APPROVERS:
            card = await self._card(http, "needs approval")
            self.say(f"\n{name} presses  Approve  on the card in #ops")
            press = {"user": user, "channel": "C0OPS", "ts": card["ts"], "label": "Approve"}
            await http.post("/_workspace/click", json=press)
            await self._card(http, says)
        self.say("\nThe card, once the restore has ended")
        self.say(_indented((await self._card(http, ": done"))["text"]))

    async def _card(self, http: httpx.AsyncClient, says: str) -> dict[str, Any]:
        """The change's card as the whole channel sees it, once it says so; time is moved on meanwhile."""
        for _ in range(LOOKS):
            for message in await _seen(http, "U0VERA"):
                if CARD in message["text"] and says in json.dumps(message, ensure_ascii=False):
                    return message
            self.clock.advance(timedelta(seconds=30))
            await self.clock.sleep(0.05)
        raise TourFailed(f"The card never says “{says}”.")

    async def _play(self, http: httpx.AsyncClient, scene: TourStep) -> None:
        people = {each["id"]: each["name"] for each in (await http.get("/_workspace/state")).json()["people"]}
        place = {"user": scene.who, "channel": "C0OPS"}
        self.say(f"\n{people[scene.who]} in #ops types  {scene.line}")
        answer = await self._ask(http, "/_workspace/slash", {**place, "text": scene.line}, scene.says)
        if scene.press:
            self.say(f"\n{people[scene.who]} presses  {scene.press}")
            press = {**place, "ts": answer["ts"], "label": scene.press}
            await self._ask(http, "/_workspace/click", press, scene.then_says)

    async def _ask(
        self, http: httpx.AsyncClient, path: str, request: dict[str, str], says: str
    ) -> dict[str, Any]:
        """Do it, show the answer that it brings, and return it. Raises TourFailed."""
        done = request.get("text") or request["label"]
        before = [message["ts"] for message in await _seen(http, request["user"])]
        outcome = (await http.post(path, json=request)).json()
        if not outcome["ok"]:
            raise TourFailed(f"Slack shows {outcome['error']} for {done}.")
        answer = await self._answer(http, request["user"], done, before, says)
        self.say(_indented(answer["text"]))
        return answer

    async def _answer(
        self, http: httpx.AsyncClient, who: str, done: str, before: list[str], says: str
    ) -> dict[str, Any]:
        """The one that says so: what comes before it may be a word that it takes a moment."""
        deadline = self.clock.monotonic() + self.seconds
        answers: list[dict[str, Any]] = []
        while self.clock.monotonic() < deadline:
            new = [message for message in await _seen(http, who) if message["ts"] not in before]
            answers = [message for message in new if message["user"] == "U0PGBOT" or message.get("bot_id")]
            for answer in answers:
                if says in answer["text"]:
                    return answer
            await self.clock.sleep(0.05)
        if answers:
            self.say(_indented(answers[-1]["text"]))
            raise TourFailed(f"The answer to {done} does not say “{says}”.")
        raise TourFailed(f"No answer to {done} within {self.seconds} seconds.")


async def _seen(http: httpx.AsyncClient, user: str) -> list[dict[str, Any]]:
    answer = await http.get("/_workspace/messages", params={"user": user, "channel": "C0OPS"})
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in html.unescape(text).splitlines())

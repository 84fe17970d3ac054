"""`pgbot demo --script`: a first minute in Slack, played by a script in the terminal."""

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
"""Seconds for an answer before the tour gives up: the simulators are on this machine."""


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step: `who` types a line, then presses the button `press`, if given, under the answer.

    The answer must contain `says`, the answer to the button `then_says`.
    """

    who: str
    line: str
    says: str
    press: str = ""
    then_says: str = ""


STEPS = (
    TourStep("U0ALICE", "/pg help", "What you can do here"),
    TourStep("U0ALICE", "/pg cluster list --tier prod", "of 44 clusters"),
    TourStep("U0ALICE", "/pg cluster lsit", "is not a command"),
    TourStep("U0ALICE", "/pg cluster show orders-prod", "orders-prod: AVAILABLE"),
    TourStep(
        "U0BOB",
        "/pg log show orders-prod --since 1d --grep timeout --limit 100",
        "log line",
        press="Show older lines",
        then_says="log line",
    ),
    TourStep("U0GUEST", "/pg cluster list", "You may not run"),
    TourStep("U0BOB", "/pg version list --share", "PostgreSQL"),
    TourStep("U0VERA", "/pg whoami", "You are vera"),
)


RESTORE = '/pg restore orders-prod --to 2h --reason "bad deploy"'
CARD = "Restore orders-prod to"
APPROVERS = (("U0BOB", "bob", "bob (DBA)"), ("U0CAROL", "carol", "carol (DBA)"))
"""The user ids and names of the approvers, each with the card's text after the approval."""

CARD_CHECKS = 200
"""Checks of the card, 30 seconds of the demo's time apart, before the tour gives up."""


class TourFailed(PgbotError):
    """An answer of the tour is missing or not the expected one."""


@dataclass(frozen=True, slots=True)
class Tour:
    """A player of the steps through the operator API, as a person would on the page."""

    slack_url: str
    clock: VirtualClock
    say: Callable[[str], None]
    seconds: float = SECONDS

    async def play(self) -> None:
        """Play all steps. Raises TourFailed at the first answer that is missing or not the expected one."""
        async with loopback_client(base_url=self.slack_url, timeout=SECONDS) as http:
            for step in STEPS:
                await self._play(http, step)
            await self._play_restore(http)

    async def _play_restore(self, http: httpx.AsyncClient) -> None:
        """Alice requests a restore, two people approve on the card, and it runs once."""
        await self._play(http, TourStep("U0ALICE", RESTORE, "waiting for 2 DBA approvals"))
        for user, name, says in APPROVERS:
            card = await self._wait_card(http, "waiting for")
            self.say(f"\n{name} presses  Approve restore  on the card in #ops and submits the form")
            press = {"user": user, "channel": "C0OPS", "ts": card["ts"], "label": "Approve restore"}
            await http.post("/_workspace/click", json=press)
            await self._submit_form(http, user)
            await self._wait_card(http, says)
        self.say("\nThe card, once the restore has ended")
        self.say(_indented((await self._wait_card(http, ": succeeded"))["text"]))

    async def _submit_form(self, http: httpx.AsyncClient, user: str) -> None:
        """Submit the form that the pressed button opens, without a note."""
        for _ in range(CARD_CHECKS):
            views = (await http.get("/_workspace/views", params={"user": user})).json()["stack"]
            if views and views[-1]["submit"]:
                form = {"user": user, "view_id": views[-1]["id"], "values": {}}
                await http.post("/_workspace/submit", json=form)
                return
            await self.clock.sleep(0.05)
        raise TourFailed("The button does not open a form.")

    async def _wait_card(self, http: httpx.AsyncClient, says: str) -> dict[str, Any]:
        """Return the change's card once it contains `says`; advance the clock meanwhile."""
        for _ in range(CARD_CHECKS):
            for message in await _seen(http, "U0VERA"):
                if CARD in message["text"] and says in json.dumps(message, ensure_ascii=False):
                    return message
            self.clock.advance(timedelta(seconds=30))
            await self.clock.sleep(0.05)
        raise TourFailed(f"The card never said “{says}”.")

    async def _play(self, http: httpx.AsyncClient, step: TourStep) -> None:
        people = {each["id"]: each["name"] for each in (await http.get("/_workspace/state")).json()["people"]}
        place = {"user": step.who, "channel": "C0OPS"}
        self.say(f"\n{people[step.who]} in #ops types  {step.line}")
        answer = await self._send(http, "/_workspace/slash", {**place, "text": step.line}, step.says)
        if step.press:
            self.say(f"\n{people[step.who]} presses  {step.press}")
            press = {**place, "ts": answer["ts"], "label": step.press}
            await self._send(http, "/_workspace/click", press, step.then_says)

    async def _send(
        self, http: httpx.AsyncClient, path: str, request: dict[str, str], says: str
    ) -> dict[str, Any]:
        """Send the request, show the answer and return it. Raises TourFailed."""
        done = request.get("text") or request["label"]
        before = [message["ts"] for message in await _seen(http, request["user"])]
        outcome = (await http.post(path, json=request)).json()
        if not outcome["ok"]:
            raise TourFailed(f"Slack shows {outcome['error']} for {done}.")
        answer = await self._wait_answer(http, request["user"], done, before, says)
        self.say(_indented(answer["text"]))
        return answer

    async def _wait_answer(
        self, http: httpx.AsyncClient, who: str, done: str, before: list[str], says: str
    ) -> dict[str, Any]:
        """Return the answer that contains `says`; progress messages may come before it."""
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

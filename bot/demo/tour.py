"""`pgbot demo --script`: what a first minute in Slack looks like, played by a script in the terminal."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from bot.demo.clock import VirtualClock
from bot.errors import PgbotError

SECONDS = 20
"""How long an answer may take before the tour gives up: the stand-ins are on this machine."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Somebody types a line, or presses the button of that label under the last answer."""

    who: str
    line: str
    says: str
    press: str = ""


SCENES = (
    Scene("U0ALICE", "/pg help", "What you can do here"),
    Scene("U0ALICE", "/pg cluster list --tier prod", "clusters of"),
    Scene("U0ALICE", "/pg cluster lsit", "There is no command"),
    Scene("U0ALICE", "/pg cluster show orders-prod", "orders-prod: AVAILABLE"),
    Scene("U0GUEST", "/pg cluster list", "You may not run"),
    Scene("U0BOB", "/pg version list --share", "PostgreSQL"),
    Scene("U0VERA", "/pg whoami", "You are vera"),
)


class TourFailed(PgbotError):
    """The tour did not see what it should have."""


@dataclass(frozen=True, slots=True)
class Tour:
    """Plays the scenes through the stand-in Slack's operator's handle, as a person would on the page."""

    slack_url: str
    clock: VirtualClock
    say: Callable[[str], None]

    async def play(self) -> None:
        """Raises TourFailed at the first answer that does not come or is not the one expected."""
        async with httpx.AsyncClient(base_url=self.slack_url, timeout=SECONDS, trust_env=False) as http:
            for scene in SCENES:
                await self._play(http, scene)

    async def _play(self, http: httpx.AsyncClient, scene: Scene) -> None:
        people = {each["id"]: each["name"] for each in (await http.get("/_workspace/state")).json()["people"]}
        self.say(f"\n{people[scene.who]} in #ops types  {scene.line}")
        before = [message["ts"] for message in await _seen(http, scene.who)]
        request = {"user": scene.who, "channel": "C0OPS", "text": scene.line}
        outcome = (await http.post("/_workspace/slash", json=request)).json()
        if not outcome["ok"]:
            raise TourFailed(f"Slack shows {outcome['error']} for {scene.line}.")
        answer = await self._answer(http, scene, before)
        self.say(_indented(answer["text"]))
        if scene.says not in answer["text"]:
            raise TourFailed(f"The answer to {scene.line} does not say “{scene.says}”.")

    async def _answer(self, http: httpx.AsyncClient, scene: Scene, before: list[str]) -> dict[str, Any]:
        deadline = self.clock.monotonic() + SECONDS
        while self.clock.monotonic() < deadline:
            new = [message for message in await _seen(http, scene.who) if message["ts"] not in before]
            answers = [message for message in new if message["user"] == "U0PGBOT" or message.get("bot_id")]
            if answers:
                return answers[-1]
            await self.clock.sleep(0.05)
        raise TourFailed(f"No answer to {scene.line} within {SECONDS} seconds.")


async def _seen(http: httpx.AsyncClient, user: str) -> list[dict[str, Any]]:
    answer = await http.get("/_workspace/messages", params={"user": user, "channel": "C0OPS"})
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in html.unescape(text).splitlines())

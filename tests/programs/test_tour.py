"""The tour: it takes the answer with the expected words, not the message before it."""

from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.demo.loopback_server import LoopbackServer
from bot.demo.tour import CARD, RESTORE, STEPS, Tour, TourFailed, TourStep
from bot.demo.virtual_clock import VirtualClock

pytestmark = pytest.mark.anyio

PEOPLE = ["U0ALICE", "U0BOB", "U0CAROL", "U0GUEST", "U0VERA"]
CARD_WORDS = f"{CARD} 07:00: waiting for approvals of bob (DBA) and carol (DBA): succeeded"
PLACEHOLDER = "One moment"


@dataclass
class SlowSlack:
    """A Slack that shows a placeholder at the first look after an action, and the answer at the second."""

    answers: dict
    messages: list = field(default_factory=list)
    waiting: str = ""

    def app(self):
        return Starlette(
            routes=[
                Route("/_workspace/state", self.state),
                Route("/_workspace/messages", self.seen),
                Route("/_workspace/slash", self.done, methods=["POST"]),
                Route("/_workspace/click", self.done, methods=["POST"]),
                Route("/_workspace/views", self.views),
                Route("/_workspace/submit", self.submitted, methods=["POST"]),
            ]
        )

    async def state(self, _request):
        return JSONResponse({"people": [{"id": each, "name": each.lower()} for each in PEOPLE]})

    async def done(self, request):
        body = await request.json()
        self.waiting = self.answers.get(body.get("text") or body["label"], "")
        self.say(PLACEHOLDER)
        return JSONResponse({"ok": True})

    async def views(self, _request):
        return JSONResponse({"stack": [{"id": "V1", "submit": {}}, {"id": "V2", "submit": {"text": "Go"}}]})

    async def submitted(self, _request):
        return JSONResponse({"ok": True})

    async def seen(self, request):
        shown = [*self.messages]
        if self.waiting and shown[-1]["text"] == PLACEHOLDER:
            # Below the answer comes more that has nothing of it.
            self.say(self.waiting)
            self.say(PLACEHOLDER)
            self.waiting = ""
        if request.query_params["user"] == "U0VERA":
            shown.append({"ts": "card", "user": "U0PGBOT", "text": CARD_WORDS})
        return JSONResponse({"messages": shown})

    def say(self, text):
        self.messages.append({"ts": str(len(self.messages)), "user": "U0PGBOT", "text": text})


async def played(answers, **how):
    said = []
    async with LoopbackServer(SlowSlack(answers).app()) as server:
        await Tour(server.url, VirtualClock(running=True), said.append, **how).play()
    return "\n".join(said)


ANSWERS = {step.line: step.says for step in (*STEPS, TourStep("", RESTORE, "waiting for 2 DBA approvals"))}
ANSWERS |= {step.press: step.then_says for step in STEPS if step.press}


async def test_it_waits_for_the_answer_below_a_placeholder():
    said = await played(ANSWERS)

    assert PLACEHOLDER not in said
    assert all(words in said for words in ANSWERS.values())


async def test_an_answer_that_never_says_it_is_shown_and_ends_the_tour():
    with pytest.raises(TourFailed, match="does not say “What you can do here”"):
        await played({}, seconds=0.2)

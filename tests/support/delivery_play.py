"""Answers and reports on their way to a troubled Slack, from a bot that is killed meanwhile."""

import random
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from outbox_kit import HurryingClock, make_outbox
from terminal_site import terminal_site
from workspace_site import workspace_site

from bot.changes.notices import Escalation
from bot.demo.workspace.app_manifest import AppManifest
from bot.demo.workspace.slack_faults import SlackFault
from bot.domain.errors import SlackError
from bot.domain.reply import Reply, Text
from bot.domain.request import Actor, Invocation, Origin
from bot.domain.slack_trouble import retry_period
from bot.slack.delivery_log import SECOND_COPY, DeliveryRows
from bot.slack.directory import Directory, OwnCompany
from bot.slack.inbox import Inbox
from bot.slack.outbox import UNCONFIRMED, SlackNotices
from bot.slack.responder import ReplyTarget, Responder
from bot.slack.web_api import WebApiCalls

LINE = "version list --csv"
SAYS_SO = (SECOND_COPY, UNCONFIRMED, "Run again after a restart")
ABOUT_IT = (
    "answer could not be sent",
    "The report was not posted",
    "The answer to",
    "A file of the answer to",
    "The bot ",
    "You may not have seen the bot's answer to",
)
TARGETS = (
    *("chat.postMessage", "chat.postMessage", "chat.postEphemeral", "response_url", "conversations.history"),
    *("conversations.replies", "conversations.open", "files.completeUploadExternal", "upload"),
)
WORDS = ("is_archived", "invalid_auth", "internal_error", "a_new_word", "not_in_channel", "user_not_found")
KINDS = ("answer", "shared answer", "mention", "direct", "report")


class Killed(BaseException):
    """The end of the process: nothing of ours may catch it."""


@dataclass
class Fate:
    """The number of writes that a process survives."""

    writes: float = float("inf")

    def __call__(self):
        self.writes -= 1
        if self.writes < 0:
            raise Killed


def mortal(fate):
    """Return a store that ends its process before or after a write."""

    class Mortal(DeliveryRows):
        async def begin(self, delivery, at):
            known = await super().begin(delivery, at)
            fate()
            return known

        async def set_state(self, delivery):
            fate()
            await super().set_state(delivery)
            fate()

    return Mortal


@dataclass
class DeliveryStage:
    """A kernel, a Slack, and one process of the bot after the other."""

    kernel: object
    site: object
    clock: HurryingClock
    untold: dict = field(default_factory=dict)

    def responder(self, fate):
        clock, client, session = self.clock, self.site.client, self.site.client.session
        outbox = make_outbox(client, session, clock, self.kernel.database, mortal(fate))
        escalation = Escalation(SlackNotices(outbox), self.kernel.setup.settings, self.untold)
        inbox = Inbox(self.kernel.database, clock)
        directory = Directory(client, WebApiCalls(clock), OwnCompany("T0DEMO"), frozenset())
        dispatcher = replace(self.kernel.dispatcher, clock=clock)
        return Responder(directory, dispatcher, outbox, inbox, escalation)

    async def play(self, seed):
        """Send one thing through a random trouble; return what people see of it."""
        dice = random.Random(seed)  # noqa: S311 - no secret
        for channel in self.site.workspace.channels.values():
            channel.messages.clear()
        self.untold.clear()
        scopes = AppManifest().scopes
        blind = {"channels:history", "groups:history", "im:history"} if dice.random() < 0.2 else set()
        self.site.workspace.manifest = replace(self.site.workspace.manifest, scopes=scopes - blind)
        self._order_trouble(dice)
        kind, fates = dice.choice(KINDS), [dice.randrange(5) for _ in range(dice.choice((0, 0, 1, 2)))]
        send = self._report if kind == "report" else self._answer
        await send(seed, kind, [Fate(each) for each in fates])
        return self._seen()

    def _order_trouble(self, dice):
        faults = self.site.workspace.faults
        faults.clear()
        for _ in range(dice.randrange(8)):
            kind = dice.choice(("unanswered", "unanswered", "server_error", "rate_limited", "error", "slow"))
            target, times = dice.choice(TARGETS), dice.choice((1, 1, 2, 5, 40))
            seconds = 0 if kind == "slow" else dice.choice((1, 30, 600))
            fault = SlackFault(
                target=target, kind=kind, times=times, seconds=seconds, code=dice.choice(WORDS)
            )
            faults.add(fault)

    async def _answer(self, seed, kind, fates):
        actor = Actor(origin=Origin.SLACK, id="U0BOB", team="T0DEMO")
        channel = "D0BOB" if kind == "direct" else "C0OPS"
        text = LINE + " --share" * (kind == "shared answer")
        asked = Invocation(
            key=f"k{seed}", trace=f"t{seed}", actor=actor, channel=channel, text=text, at=self.clock.now()
        )
        url = self.site.workspace.response_urls.issue(user="U0BOB", channel=channel)
        target = ReplyTarget(response_url=f"{self.site.url}/response/{url.key}")
        if kind in {"mention", "direct"}:
            self.site.workspace.direct_channel("U0BOB")
            target = ReplyTarget()
        first = self.responder(fates.pop() if fates else Fate())
        await first.inbox.accept(asked)
        await survive(first(asked, target))
        for fate in [*fates, Fate()]:
            if fate.writes == float("inf"):
                self.site.workspace.faults.clear()
            next_one = self.responder(fate)
            await survive(next_one.answer_interrupted(await next_one.inbox.unanswered()))

    async def _report(self, seed, _kind, fates):
        since = self.clock.now()
        for fate in [*fates, Fate()]:
            if await survive(self._post_report(self.responder(fate), seed, since)):
                return

    async def _post_report(self, responder, seed, since):
        """Post it as the jobs of reports do, by rows of their own."""
        reply = Reply("version list", (Text("All supported."),))
        while True:
            try:
                await responder.escalation.notices.post("C0OPS", reply, key=f"report{seed}")
            except SlackError as error:
                if self.clock.now() - since >= retry_period(error.code):
                    told = Reply("The report was not posted", ok=False)
                    await responder.escalation.tell(f"report{seed}:owner", told, ["U0BOB"], is_last=True)
                    return
                await self.clock.sleep(60)
            else:
                return

    def _seen(self):
        """Return the copies that do not say so, and whether somebody was told anything or readyz has it."""
        channels = self.site.workspace.channels.values()
        messages = [each for channel in channels for each in channel.messages.values() if each.by_bot]
        silent = {True: 0, False: 0}
        for each in messages:
            said = f"{each.text} {each.blocks}"
            silent[bool(each.files)] += not any(words in said for words in (*ABOUT_IT, *SAYS_SO))
        return max(silent.values()), bool(messages or self.untold)


async def survive(work):
    """Return whether the process lived on."""
    try:
        await work
    except Killed:
        return False
    return True


@asynccontextmanager
async def delivery_stage(tmp_path, monkeypatch):
    clock = HurryingClock()
    async with terminal_site(tmp_path, monkeypatch) as terminal, workspace_site(clock=clock) as site:
        clock.advance(timedelta(hours=1))
        yield DeliveryStage(terminal.kernel, site, clock)

"""The bot's Home tab: what concerns one person, shown when they open it and again when a change moves."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.policy import CommandRequest
from bot.commands.parser import parse
from bot.domain.errors import PgbotError
from bot.domain.reply import Note, Reply
from bot.domain.reply_text import words
from bot.domain.request import AccountStatus, Actor, Invocation, Origin
from bot.slack.home_store import HomeRows
from bot.slack.responder import Responder
from bot.slack.view_blocks import in_home
from bot.slack.web_api import WebApiCalls

log = structlog.get_logger()

LINE = "home"
"""The command whose answer is the page."""

EVERY = 5.0
"""Seconds between two looks at whether a change has moved: no page is made anew more often."""

KEPT_UP = timedelta(hours=8)
"""How long after somebody opened their page it is kept up to date; Slack does not say when it is left."""


@dataclass(frozen=True, slots=True)
class HomePublisher:
    """Publishes pages. Rights are judged each time a page is made."""

    client: AsyncWebClient
    calls: WebApiCalls
    answers: Responder
    homes: HomeRows

    async def open(self, invocation: Invocation) -> None:
        """Somebody looks at their page: make it, and record that they looked. Never raises."""
        dispatcher = self.answers.dispatcher
        try:
            marker = await dispatcher.changes.rows.marker()
            asked = await self.answers.known(invocation)
            await self._publish(asked, await dispatcher.dispatch(asked))
            await self.homes.opened(asked.actor.id, asked.actor.team, dispatcher.clock.now(), marker)
        except PgbotError as error:
            log.warning("home not shown", trace=invocation.trace, error=str(error))

    async def run(self) -> None:
        """For ever: make pages anew that show less than is known."""
        while True:
            await self.answers.dispatcher.clock.sleep(EVERY)
            try:
                await self.refresh()
            except PgbotError as error:
                log.warning("home not refreshed", error=str(error))

    async def refresh(self) -> int:
        """Every page on which a change has moved, once; returns how many. Raises PgbotError."""
        dispatcher = self.answers.dispatcher
        marker, now = await dispatcher.changes.rows.marker(), dispatcher.clock.now()
        stale = await self.homes.stale(marker, now - KEPT_UP)
        for person, team in stale:
            # First: a page that cannot be made must not be tried at every look.
            await self.homes.shows(person, marker)
            try:
                await self._again(person, team)
            except PgbotError as error:
                log.warning("home not refreshed", person=person, error=str(error))
        return len(stale)

    async def _again(self, person: str, team: str) -> None:
        """Nobody has asked, so this is no invocation of its own in the audit; it only looks."""
        dispatcher = self.answers.dispatcher
        actor = Actor(origin=Origin.SLACK, id=person, team=team, standing=AccountStatus.UNKNOWN)
        settings = dispatcher.settings.slack
        invocation = Invocation(
            key="",
            trace="home",
            actor=actor,
            channel="",
            text=LINE,
            at=dispatcher.clock.now(),
            line=settings.command,
        )
        asked = await self.answers.known(invocation)
        parsed = parse(LINE, dispatcher.registry)
        dispatcher.policy.require(CommandRequest.by(asked, parsed.command))
        context = dispatcher.context(asked, parsed.command)
        await self._publish(asked, await parsed.command.run(parsed.arguments, context))

    async def _publish(self, asked: Invocation, reply: Reply) -> None:
        line = f"{asked.line} {LINE}"
        note = Note(f"As of {words(self.answers.dispatcher.clock.now())}. {line} says the same.")
        blocks = in_home([Reply(reply.title, (*reply.parts, note))])
        view = {"type": "home", "blocks": blocks}
        await self.calls(self.client.views_publish, user_id=asked.actor.id, view=view)

"""From an invocation that Slack delivered to the answer the person sees."""

import asyncio
from dataclasses import dataclass, replace

import structlog

from bot.dispatch import Dispatcher
from bot.domain import Invocation
from bot.errors import PgbotError
from bot.inbox import Inbox, Unanswered
from bot.parse import shown
from bot.reply import Choice, Choices, Note, Reply
from bot.slack.blocks import render
from bot.slack.directory import Directory
from bot.slack.gateway import Desk
from bot.slack.outbox import Outbox

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answers:
    """Asks Slack who it was, runs the command, sends the reply, and closes the delivery in the inbox."""

    directory: Directory
    dispatcher: Dispatcher
    outbox: Outbox
    inbox: Inbox

    async def __call__(self, invocation: Invocation, desk: Desk) -> None:
        """Answer one invocation. What goes wrong on the way to the person is logged; it never raises."""
        asked = await self._known(invocation)
        reply = await self.dispatcher.dispatch(asked)
        try:
            message = render(reply)
            await self.outbox.answer(asked, desk.response_url, message, reply.audience, replace=desk.replace)
            await self.inbox.answered(invocation.key)
        except PgbotError as error:
            # The delivery stays unanswered in the inbox, so that the next start tells the person.
            log.exception("answer not delivered", trace=invocation.trace, error=str(error))

    async def make_up(self, cut_off: list[Unanswered]) -> int:
        """Tell everyone whose command was cut off by a crash; returns how many. Nothing is run again."""
        told = 0
        for delivery in cut_off:
            try:
                await self.outbox.direct(delivery.user, render(_interrupted(delivery)))
            except PgbotError as error:
                log.warning("could not tell of an interruption", trace=delivery.trace, error=str(error))
            else:
                told += 1
            # Closed either way: a person who cannot be reached must not be written to at every start.
            await self.inbox.answered(delivery.key)
        return told

    async def _known(self, invocation: Invocation) -> Invocation:
        actor, external = await asyncio.gather(
            self.directory.actor(invocation.actor.id, invocation.actor.team),
            self.directory.is_external(invocation.channel),
        )
        return replace(invocation, actor=actor, external_channel=external)


def _interrupted(delivery: Unanswered) -> Reply:
    again = Choices((Choice("Run it again", delivery.text, primary=True),)) if delivery.text else None
    note = Note(f"It may or may not have run; the audit log has it under {delivery.trace}.")
    title = f"The bot was restarted before it could answer “{shown(delivery.text)}”"
    return Reply(title, (note, again) if again else (note,), ok=False)

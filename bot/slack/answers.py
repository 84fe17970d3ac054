"""From an invocation that Slack delivered to the answer the person sees."""

import asyncio
from dataclasses import dataclass, replace

import structlog

from bot.dispatch import CUT_OFF, Dispatcher
from bot.domain import Invocation
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
        """Answer one invocation. What goes wrong on the way to the person is logged; it never raises.

        A delivery whose answer did not get through stays open, so that the next start tells the person.
        """
        try:
            await self._answer(invocation, desk)
        except Exception:
            log.exception("answer not delivered", trace=invocation.trace)
            return
        await self._close(invocation.key, invocation.trace)

    async def make_up(self, left: list[Unanswered]) -> int:
        """Tell everyone whom an earlier process left without an answer; returns how many it could tell.

        Nothing is run again. One that cannot be told holds up none of the others.
        """
        return sum([await self._make_up(delivery) for delivery in left])

    async def _make_up(self, delivery: Unanswered) -> bool:
        told = False
        try:
            if delivery.is_cut_off:
                await self.dispatcher.close(delivery)
            await self.outbox.direct(delivery.user, render(_apology(delivery)))
            told = True
        except Exception:
            log.exception("could not tell of an interruption", trace=delivery.trace)
        # Closed either way: a person who cannot be reached must not be written to at every start.
        await self._close(delivery.key, delivery.trace)
        return told

    async def _answer(self, invocation: Invocation, desk: Desk) -> None:
        actor, external = await asyncio.gather(
            self.directory.actor(invocation.actor.id, invocation.actor.team),
            self.directory.is_external(invocation.channel),
        )
        # Where Slack does not say whether others read along, they may.
        asked = replace(invocation, actor=actor, external_channel=external is not False)
        reply = await self.dispatcher.dispatch(asked, channel_known=external is not None)
        message = render(reply)
        await self.outbox.answer(asked, desk.response_url, message, reply.audience, replace=desk.replace)

    async def _close(self, key: str, trace: str) -> None:
        try:
            await self.inbox.answered(key)
        except Exception:
            log.exception("answered, and the inbox does not know it", trace=trace)


def _apology(delivery: Unanswered) -> Reply:
    """What is known of a delivery that nobody closed, and a button to run it again."""
    typed = shown(delivery.text)
    if delivery.began is None:
        title = f"The bot was restarted before it began with “{typed}”"
        known = "Nothing was done."
    elif delivery.is_cut_off or delivery.ended == CUT_OFF:
        title = f"The bot was restarted before it could finish “{typed}”"
        known = f"It may or may not have run; the audit log has it under {delivery.trace}."
    else:
        title = f"The bot cannot tell whether you saw its answer to “{typed}”"
        known = f"The audit log has it under {delivery.trace}: {delivery.ended or delivery.began}."
    again = (Choices((Choice("Run it again", delivery.text, primary=True),)),) if delivery.text else ()
    return Reply(title, (Note(known), *again), ok=False)

"""From an invocation that Slack delivered to the answer the person sees."""

import asyncio
from dataclasses import dataclass, replace
from functools import partial

import structlog

from bot.changes.notifications import AWAY
from bot.commands.dispatcher import CommandAnswer, Dispatcher
from bot.commands.interrupted import CUT_OFF, UnansweredDelivery
from bot.domain.errors import SlackError
from bot.domain.phrases import shown
from bot.domain.redaction import HIDDEN
from bot.domain.reply import Audience, Choice, Choices, Note, Reply
from bot.domain.request import AccountStatus, Actor, Invocation, Origin
from bot.slack.answer_footer import dressed
from bot.slack.directory import Directory
from bot.slack.inbox import Inbox
from bot.slack.message_renderer import SlackMessage, render
from bot.slack.outbox import Outbox
from bot.slack.progress_message import ProgressMessage
from bot.slack.reply_target import ReplyTarget

log = structlog.get_logger()


SOON, SELDOM = 10.0, 600.0
"""Seconds until somebody is told again of an interruption while Slack takes nothing: at first, in the end."""


class _SlackAway(Exception):
    """Slack takes nothing from us for the moment."""


@dataclass(frozen=True, slots=True)
class Responder:
    """Asks Slack who it was, runs the command, sends the reply, and closes the delivery in the inbox."""

    directory: Directory
    dispatcher: Dispatcher
    outbox: Outbox
    inbox: Inbox

    async def __call__(self, invocation: Invocation, desk: ReplyTarget) -> None:
        """Answer one invocation. What goes wrong on the way to the person is logged; it never raises.

        A delivery whose answer did not get through stays open, so that the next start tells the person.
        """
        try:
            await self._answer(await self.known(invocation), desk)
        except Exception:
            log.exception("answer not delivered", trace=invocation.trace)
            return
        await self.close(invocation.key, invocation.trace)

    async def known(self, invocation: Invocation) -> Invocation:
        """The invocation with who it was, and whether another company reads along, as Slack says."""
        actor, external = await asyncio.gather(
            self.directory.actor(invocation.actor.id, invocation.actor.team),
            self.directory.is_external(invocation.channel),
        )
        return replace(invocation, actor=actor, external_channel=external)

    async def deliver(self, asked: Invocation, answer: CommandAnswer, desk: ReplyTarget) -> None:
        """Send an answer that is there already, and close its delivery. Never raises."""
        try:
            await self._deliver(asked, answer, desk)
        except Exception:
            log.exception("answer not delivered", trace=asked.trace)
            return
        await self.close(asked.key, asked.trace)

    async def close(self, key: str, trace: str) -> None:
        """Nothing more is owed for this delivery. Never raises."""
        try:
            await self.inbox.answered(key)
        except Exception:
            log.exception("answered, and the inbox does not know it", trace=trace)

    async def make_up(self, left: list[UnansweredDelivery]) -> int:
        """Tell everyone whom an earlier process left without an answer; returns how many it could tell.

        What was cut off is run again where that does no harm, and only once. One that cannot be told holds
        up none of the others. Where Slack takes nothing for the moment, it is told later, ever more seldom
        tried; what a stop finds untold stays open for the next start.
        """
        told, pause, replies = 0, SOON, dict[str, Reply]()
        while True:
            later = []
            for delivery in left:
                try:
                    told += await self._make_up(delivery, replies)
                except _SlackAway:
                    later.append(delivery)
            left = later
            if not left or not await self.outbox.wait(pause):
                return told
            pause = min(pause * 2, SELDOM)

    async def _make_up(self, delivery: UnansweredDelivery, replies: dict[str, Reply]) -> bool:
        """Whether the person was told. Raises _Away; `replies` are those that were made before."""
        told = False
        try:
            if delivery.key not in replies:
                replies[delivery.key] = await self._owed(delivery)
            await self.outbox.direct(delivery.user, render(replies[delivery.key]))
            told = True
        except Exception as error:
            if isinstance(error, SlackError) and error.code in AWAY:
                log.warning("not told of an interruption yet", trace=delivery.trace, error=str(error))
                raise _SlackAway from None
            log.exception("could not tell of an interruption", trace=delivery.trace)
        # Closed either way: a person who cannot be reached must not be written to at every start.
        await self.close(delivery.key, delivery.trace)
        return told

    async def _owed(self, delivery: UnansweredDelivery) -> Reply:
        if delivery.is_cut_off:
            # First: a second crash then finds this row, and does not run it a third time.
            await self.dispatcher.close(delivery)
        return await self._again(delivery) if self._may_repeat(delivery) else _apology(delivery)

    def _may_repeat(self, delivery: UnansweredDelivery) -> bool:
        command = self.dispatcher.registry.get(tuple(delivery.command.split()))
        whole = HIDDEN not in delivery.text
        return delivery.is_cut_off and whole and command is not None and command.repeatable

    async def _again(self, delivery: UnansweredDelivery) -> Reply:
        actor = Actor(
            origin=Origin.SLACK, id=delivery.user, team=delivery.team, standing=AccountStatus.UNKNOWN
        )
        invocation = Invocation(
            key=delivery.key,
            trace=delivery.trace,
            actor=actor,
            channel=delivery.channel,
            text=delivery.text,
            at=self.dispatcher.clock.now(),
            line=self.dispatcher.settings.slack.command,
        )
        asked = await self.known(invocation)
        if asked.actor.standing is AccountStatus.UNKNOWN:
            # Slack does not say who it was: a refusal in place of the answer would help nobody.
            return _apology(delivery)
        reply = dressed(await self.dispatcher.answer(asked), asked, self.dispatcher.registry)
        return replace(reply, parts=(*reply.parts, Note("Run again after a restart of the bot.")))

    async def _answer(self, asked: Invocation, desk: ReplyTarget) -> None:
        """Run it and send the answer; while it takes long, say how far it has come where that can be."""
        if not (desk.revisable and desk.response_url):
            await self._deliver(asked, await self.dispatcher.answer(asked), desk)
            return
        say = partial(self.outbox.say, desk.response_url)
        async with ProgressMessage(say, self.dispatcher.clock) as progress:
            answer = await self.dispatcher.answer(asked, progress=progress)
        if progress.is_shown and answer.reply.audience is Audience.CHANNEL:
            # What one person saw cannot become what the channel sees.
            await self.outbox.take_back(desk.response_url)
        elif progress.is_shown:
            desk = replace(desk, replace=True)
        await self._deliver(asked, answer, desk)

    async def _deliver(self, asked: Invocation, answer: CommandAnswer, desk: ReplyTarget) -> None:
        reply = dressed(answer, asked, self.dispatcher.registry)
        message = render(reply)
        if desk.thread or (not desk.response_url and asked.channel.startswith("D")):
            await self._in_thread(asked, message, desk.thread)
        elif answer.parsed and answer.parsed.manner.thread and reply.audience is Audience.CHANNEL:
            await self._below_its_title(asked, reply, message, desk)
        else:
            await self.outbox.answer(asked, desk.response_url, message, reply.audience, replace=desk.replace)

    async def _in_thread(self, asked: Invocation, message: SlackMessage, thread: str) -> None:
        """Where it was asked, for all who read there to see; for the asker alone where strangers may read."""
        user = asked.actor.id
        if asked.external_channel is not False:
            await self.outbox.ephemeral(asked.channel, user, message, thread=thread or None)
            return
        await self.outbox.post(asked.channel, message, thread=thread or None)
        if message.files:
            await self.outbox.upload(user, message.files)

    async def _below_its_title(
        self, asked: Invocation, reply: Reply, message: SlackMessage, desk: ReplyTarget
    ) -> None:
        """The title in the channel, the whole below it; where the bot may not post, as any other answer."""
        try:
            head = await self.outbox.post(asked.channel, render(Reply(reply.title)))
        except SlackError:
            await self.outbox.answer(asked, desk.response_url, message, reply.audience)
            return
        await self._in_thread(asked, message, head.ts)


def _apology(delivery: UnansweredDelivery) -> Reply:
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

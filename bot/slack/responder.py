"""Answers to invocations from Slack: look the person up, run the command, send the reply.

The progress of a long command is shown where its answer will be.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Protocol, Self

from bot.changes.notices import Escalation
from bot.commands.dispatcher import CommandAnswer, Dispatcher, error_reply
from bot.commands.interrupted import CUT_OFF, UnansweredDelivery
from bot.domain.errors import PgbotError, SlackError
from bot.domain.fair_order import MessagePriority
from bot.domain.phrases import format_count, join_some, quote_text
from bot.domain.redaction import HIDDEN
from bot.domain.reply import Audience, Choice, Choices, Note, Reply, Text
from bot.domain.request import AccountStatus, Actor, Invocation, Origin
from bot.domain.slack_trouble import retry_period
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.runtime.work_turns import end_turn
from bot.slack.answer_footer import add_footer
from bot.slack.directory import Directory
from bot.slack.inbox import Inbox
from bot.slack.message_renderer import SlackMessage, render
from bot.slack.outbox import Outbox, answer_key
from bot.slack.rate_limits import EDIT_SECONDS
from bot.slack.web_api import RetryWait

log = get_logger()

FIRST_RETRY, LAST_RETRY = 10.0, 600.0
"""Seconds until the next try to report an interruption while Slack is unavailable, at first and at most."""

FIRST = 2.0
"""Seconds before the first message; most commands are done by then."""

WAITS = (FIRST, EDIT_SECONDS, 10.0)
"""Seconds before each message. A response_url works five times (slack-facts, 2): three messages, one use to
remove the last one, and one for the answer."""

WORKING = "Working on it"


class ShowProgress(Protocol):
    """A way to show words, or to `replace` those shown before."""

    async def __call__(self, words: str, *, replace: bool) -> bool:
        """Return whether Slack took them. Never raises."""
        ...


class ProgressMessage:
    """A context manager whose value shows a command's progress from `FIRST` seconds on.

    Used as `async with ProgressMessage(show, clock) as progress`; `is_shown` tells whether something was
    shown.
    """

    def __init__(self, show: ShowProgress, clock: Clock) -> None:
        self._show, self._clock = show, clock
        self._words = WORKING
        self._before_first = RetryWait(clock)
        self._sending = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.is_shown = False

    async def __call__(self, words: str) -> None:
        """Remember the command's progress; the command never waits for Slack."""
        self._words = words

    async def show_now(self, words: str) -> None:
        """Remember the progress, and show it without the wait before the first message."""
        self._words = words
        self._before_first.stop()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._show_updates())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._task is None:
            return
        # Let a message under way arrive first: otherwise Slack would show it in place of the answer.
        async with self._sending:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _show_updates(self) -> None:
        shown = ""
        for wait in WAITS:
            await (self._clock.sleep(wait) if shown else self._before_first.wait(wait))
            while self._words == shown:
                await self._clock.sleep(EDIT_SECONDS)
            shown = self._words
            async with self._sending:
                is_taken = await self._show(f"{shown}…", replace=self.is_shown)
                self.is_shown = self.is_shown or is_taken


@dataclass(frozen=True, slots=True)
class ReplyTarget:
    """The place for an answer.

    `replace`: the answer takes the place of the message it was asked from. `thread`: the message below which
    the answer goes, visible to the channel. `trigger` opens a modal, once and within three seconds.
    `revisable`: later posts to the response_url can replace earlier ones, as after a typed command; after a
    button they would replace the message with the button.
    """

    response_url: str = ""
    replace: bool = False
    thread: str = ""
    trigger: str = ""
    revisable: bool = False


@dataclass(frozen=True, slots=True)
class Responder:
    """The sender of answers, which closes each delivery in the inbox."""

    directory: Directory
    dispatcher: Dispatcher
    outbox: Outbox
    inbox: Inbox
    escalation: Escalation

    async def __call__(self, invocation: Invocation, target: ReplyTarget) -> None:
        """Answer one invocation. Never raises: failures are logged, and the person is told once that can be.

        A delivery without an answer stays open, so that the next start reports it to the person.
        """
        await self._close_after(self._answer(invocation, target), invocation)

    async def identify(self, invocation: Invocation) -> Invocation:
        """Add the person as Slack knows them, and whether another company can read the channel."""
        actor, external = await asyncio.gather(
            self.directory.actor(invocation.actor.id, invocation.actor.team),
            self.directory.is_external(invocation.channel, invocation.actor.id),
        )
        return replace(invocation, actor=actor, external_channel=external)

    async def deliver(self, invocation: Invocation, answer: CommandAnswer, target: ReplyTarget) -> None:
        """Send a finished answer and close its delivery. Never raises."""
        await self._close_after(self._deliver(invocation, answer, target), invocation)

    async def _close_after(self, sending: Awaitable[None], invocation: Invocation) -> None:
        try:
            await sending
        except Exception as error:
            log.exception("answer not delivered", trace=invocation.trace)
            await self._report_lost_answer(invocation, error)
            return
        await self.close(invocation.key, invocation.trace)

    async def tell(self, invocation: Invocation, error: PgbotError, target: ReplyTarget) -> None:
        """Tell the person why something is not run. Never raises."""
        try:
            message = render(error_reply(error))
            await self.outbox.answer(invocation, target.response_url, message, Audience.PRIVATE)
        except PgbotError as failure:
            log.warning("refusal not told", trace=invocation.trace, error=str(failure))

    async def close(self, key: str, trace: str) -> None:
        """Mark the delivery as answered. Never raises."""
        try:
            await self.inbox.answered(key)
        except Exception:
            log.exception("answered, and the inbox does not know it", trace=trace)

    async def answer_interrupted(
        self, left: list[UnansweredDelivery], replies: dict[str, Reply] | None = None
    ) -> int:
        """Report to everyone who was left without an answer; return how many were reached.

        An interrupted command is run again once if that does no harm, unless `replies` say by key what is
        sent. A person who cannot be reached does not delay the others. While Slack is unavailable, try again
        at growing intervals, as long as its word is worth; what is not reported then, or when the bot stops,
        stays open for the next start.
        """
        reached, pause, replies = 0, FIRST_RETRY, replies or {}
        since, unreached = self.dispatcher.clock.now(), list[UnansweredDelivery]()
        while True:
            later = list[UnansweredDelivery]()
            for delivery in left:
                try:
                    is_reached = await self._answer_interrupted(delivery, replies)
                except SlackError as error:
                    is_over = self.dispatcher.clock.now() - since >= retry_period(error.code)
                    (unreached if is_over else later).append(delivery)
                    continue
                reached += is_reached
                unreached += [] if is_reached else [delivery]
            left = later
            if not left or not await self.outbox.retry_wait.wait(pause):
                break
            pause = min(pause * 2, LAST_RETRY)
        await self._escalate(unreached)
        return reached

    async def _answer_interrupted(self, delivery: UnansweredDelivery, replies: dict[str, Reply]) -> bool:
        """Return whether the person was reached; `replies` keeps replies made before.

        Raises SlackError for trouble that may pass.
        """
        is_reached = False
        try:
            if delivery.key not in replies:
                is_reached = await self.outbox.deliveries.is_there(answer_key(delivery.trace))
                replies[delivery.key] = Reply("") if is_reached else await self._make_reply(delivery)
            if not is_reached:
                key = f"unanswered:{delivery.trace}"
                await self.outbox.direct(delivery.user, render(replies[delivery.key]), key=key)
                is_reached = True
        except Exception as error:
            if isinstance(error, SlackError) and error.trouble.passes:
                log.warning("not told of an interruption yet", trace=delivery.trace, error=str(error))
                raise
            log.exception("could not tell of an interruption", trace=delivery.trace)
        if is_reached:
            await self.close(delivery.key, delivery.trace)
        return is_reached

    async def _escalate(self, unreached: list[UnansweredDelivery]) -> None:
        """Tell somebody else about answers whose people cannot be reached: not what they typed. If nobody can
        be told, the next start tries again."""
        if unreached:
            people = join_some(sorted({each.user for each in unreached if each.user}) or ["nobody known"])
            title = f"{format_count(len(unreached), 'answer')} could not be sent to {people}"
            notice = Reply(title, tuple(_where(each) for each in unreached[:10]), ok=False)
            key = f"unanswered:{unreached[0].trace}:others"
            if await self.escalation.tell(key, notice, [], is_last=True):
                for each in unreached:
                    await self.close(each.key, each.trace)

    async def _report_lost_answer(self, invocation: Invocation, error: Exception) -> None:
        """Tell the person, as soon as Slack takes that, that the answer was lost. Never raises."""
        try:
            left = [each for each in await self.inbox.unanswered() if each.key == invocation.key]
            is_there = await self.outbox.deliveries.is_there(answer_key(invocation.trace))
            replies = {each.key: self._lost_answer(each, error, is_there=is_there) for each in left}
            await self.answer_interrupted(left, replies)
        except Exception:
            log.exception("lost answer not told", trace=invocation.trace)

    def _lost_answer(self, delivery: UnansweredDelivery, error: Exception, *, is_there: bool) -> Reply:
        """Return what is known of an answer that Slack did not take, or of its files, and where that does no
        harm, a button to run the command again."""
        why = error.sentence if isinstance(error, PgbotError) else "Something went wrong inside the bot."
        typed = f"“{quote_text(delivery.text)}”"
        title = f"The answer to {typed} could not be sent to you"
        if is_there:
            title = f"A file of the answer to {typed} could not be sent to you"
        elif isinstance(error, SlackError) and error.is_outcome_unknown:
            title = f"You may not have seen the bot's answer to {typed}"
        again = _offer_again(delivery) if self._is_harmless(delivery) else ()
        return Reply(title, (Text(why), _where(delivery), *again), ok=False)

    def _is_harmless(self, delivery: UnansweredDelivery) -> bool:
        """Return whether the line is whole, and running it twice comes to the same as once."""
        command = self.dispatcher.registry.get(tuple(delivery.command.split()))
        return HIDDEN not in delivery.text and command is not None and command.repeatable

    async def _make_reply(self, delivery: UnansweredDelivery) -> Reply:
        if delivery.is_cut_off or (delivery.is_stalled and delivery.ended is None):
            # Before the run: after another crash this row keeps the command from a third run.
            await self.dispatcher.record_cut_off(delivery)
        may_repeat = delivery.is_cut_off and not delivery.is_stalled and self._is_harmless(delivery)
        return await self._run_again(delivery) if may_repeat else _apology(delivery)

    async def _run_again(self, delivery: UnansweredDelivery) -> Reply:
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
        invocation = await self.identify(invocation)
        if invocation.actor.standing is AccountStatus.UNKNOWN:
            # Without Slack's word on who it was, the command would be refused, which helps nobody.
            return _apology(delivery)
        reply = add_footer(await self.dispatcher.answer(invocation), invocation, self.dispatcher.registry)
        return replace(reply, parts=(*reply.parts, Note("Run again after a restart of the bot.")))

    async def _answer(self, invocation: Invocation, target: ReplyTarget) -> None:
        """Run the command and send the answer, with progress meanwhile if the target can show it."""
        turns = self.dispatcher.turns
        with turns.ticket(invocation.actor.id):
            invocation = await self.identify(invocation)
            if not (target.revisable and target.response_url):
                await self._deliver(invocation, await self.dispatcher.answer(invocation), target)
                return
            show = partial(self.outbox.show_progress, target.response_url)
            async with ProgressMessage(show, self.dispatcher.clock) as progress:
                with turns.ticket(invocation.actor.id, progress.show_now):
                    answer = await self.dispatcher.answer(invocation, progress=progress)
            if progress.is_shown and answer.reply.audience is Audience.CHANNEL:
                # A message visible to one person cannot turn into one for the channel.
                await self.outbox.remove_progress(target.response_url)
            elif progress.is_shown:
                target = replace(target, replace=True)
            await self._deliver(invocation, answer, target)

    async def _deliver(self, invocation: Invocation, answer: CommandAnswer, target: ReplyTarget) -> None:
        reply = add_footer(answer, invocation, self.dispatcher.registry)
        # A table of thousands of rows, with its file, takes longer than an ack may wait.
        message = await asyncio.to_thread(render, reply)
        end_turn()
        if target.thread or (not target.response_url and invocation.channel.startswith("D")):
            await self._post_in_thread(invocation, message, target.thread)
        elif answer.parsed and answer.parsed.flags.thread and reply.audience is Audience.CHANNEL:
            await self._post_below_title(invocation, reply, message, target)
        else:
            await self.outbox.answer(
                invocation, target.response_url, message, reply.audience, replace=target.replace
            )

    async def _post_in_thread(self, invocation: Invocation, message: SlackMessage, thread: str) -> None:
        """Post where it was asked; visible to the invoker only if another company may read there."""
        user, channel, key = invocation.actor.id, invocation.channel, answer_key(invocation.trace)
        outbox = self.outbox

        async def show() -> SlackMessage:
            if invocation.external_channel is not False:
                return await outbox.ephemeral(channel, user, message, key=key, thread=thread)
            await outbox.post(channel, message, key=key, thread=thread, priority=MessagePriority(user))
            return message

        sent = await outbox.keep_sending(channel, show)
        if sent.files:
            await outbox.keep_sending(user, lambda: outbox.upload(user, sent.files, key=key))

    async def _post_below_title(
        self, invocation: Invocation, reply: Reply, message: SlackMessage, target: ReplyTarget
    ) -> None:
        """Post the title in the channel and the reply below it; answer as usual if the bot may not post."""
        try:
            head = await self.outbox.keep_sending(
                invocation.channel,
                lambda: self.outbox.post(
                    invocation.channel,
                    render(Reply(reply.title)),
                    key=f"{answer_key(invocation.trace)}:title",
                    priority=MessagePriority(invocation.actor.id),
                ),
            )
        except SlackError as error:
            if error.trouble.passes:
                raise
            await self.outbox.answer(invocation, target.response_url, message, reply.audience)
            return
        await self._post_in_thread(invocation, message, head.ts)


def _where(delivery: UnansweredDelivery) -> Note:
    return Note(
        f"The audit log has it under {delivery.trace}: {delivery.ended or delivery.began or 'not run'}."
    )


def _offer_again(delivery: UnansweredDelivery) -> tuple[Choices]:
    return (Choices((Choice("Run it again", delivery.text, primary=True),)),)


def _apology(delivery: UnansweredDelivery) -> Reply:
    """Return what is known of an unanswered delivery, with a button to run it again."""
    typed = quote_text(delivery.text)
    if delivery.is_stalled:
        title = f"The bot stopped responding over “{typed}”, was restarted and won't run it again"
        known = f"It may or may not have run; the audit log has it under {delivery.trace}."
    elif delivery.began is None:
        title = f"The bot was restarted before it began with “{typed}”"
        known = "Nothing was done."
    elif delivery.is_cut_off or delivery.ended == CUT_OFF:
        title = f"The bot was restarted before it could finish “{typed}”"
        known = f"It may or may not have run; the audit log has it under {delivery.trace}."
    else:
        title = f"You may not have seen the bot's answer to “{typed}”"
        known = f"The audit log has it under {delivery.trace}: {delivery.ended or delivery.began}."
    may_repeat = delivery.text and HIDDEN not in delivery.text and not delivery.is_stalled
    again = _offer_again(delivery) if may_repeat else ()
    return Reply(title, (Note(known), *again), ok=False)

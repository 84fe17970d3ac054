"""Forms in place of errors: opened when something is missing, checked, reviewed, and run as a typed line."""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.access.policy import CommandRequest
from bot.commands import form_values
from bot.commands.declaration import Command, FormPrompt
from bot.commands.dispatcher import CommandAnswer, Dispatcher, failure
from bot.commands.parser import TypedCommand, spell_line
from bot.domain.errors import BadArgument, Denied, PgbotError, SlackError
from bot.domain.reply import Note, Part, Reply
from bot.domain.request import Invocation
from bot.domain.text_safety import clipped
from bot.domain.times import parse_time
from bot.runtime.background_tasks import Tasks
from bot.slack import modals
from bot.slack.message_budget import Block
from bot.slack.modals import ModalForm
from bot.slack.reply_target import ReplyTarget
from bot.slack.responder import Responder
from bot.slack.view_blocks import in_modal
from bot.slack.web_api import WebApiCalls

log = structlog.get_logger()

IN_TIME = 2.0
"""Seconds for which a submitted form waits for its answer. Slack takes the ack within three."""

ABOUT = 500
"""Characters of what a form says above its fields: the view has to keep them."""

_LINE = re.compile(r"“[^”]*--[^”]*”|^Usage: ")
"""A next step that quotes a command line: nothing for somebody in front of a form."""

Ack = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form as it was submitted, and the line it makes. `text` is what a review would run in the end."""

    view: Mapping[str, Any]
    form: ModalForm
    command: Command
    values: dict[str, Any]
    text: str

    @property
    def is_review(self) -> bool:
        """Whether this shows what would happen, before it is asked for."""
        return self.command.change is not None and not self.form.line


@dataclass(frozen=True, slots=True)
class ModalFlow:
    """Answers what was typed, with a form where one is wanted, and takes forms back."""

    client: AsyncWebClient
    calls: WebApiCalls
    answers: Responder
    tasks: Tasks
    in_time: float = IN_TIME

    async def __call__(self, invocation: Invocation, desk: ReplyTarget) -> None:
        """Open a form, or answer. Never raises."""
        given = (
            form_values.read_incomplete(invocation.text, self._dispatcher.registry) if desk.trigger else None
        )
        if given is not None and await self._open(given, invocation, desk):
            await self.answers.close(invocation.key, invocation.trace)
            return
        await self.answers(invocation, desk)

    async def submit(self, view: Mapping[str, Any], invocation: Invocation, trigger: str) -> Ack:
        """What Slack is to do with the form: show errors, another view, or close it. Raises StoreError."""
        sent = self._read(view)
        if sent is None:
            return {}
        wrong = {} if sent.form.line else self._wrong(sent, invocation)
        if wrong:
            return _errors(wrong)
        asked = replace(
            invocation,
            key=f"view:{trigger or _fingerprint(view, sent.text)}",
            channel=sent.form.channel,
            text=f"{sent.text} --dry-run" if sent.is_review else sent.text,
        )
        if not await self.answers.inbox.accept(asked):
            return {"response_action": "clear"}
        work = self.tasks.start(self._answered(asked), name=asked.trace)
        done, _ = await asyncio.wait({work}, timeout=self.in_time)
        if not done:
            self.tasks.start(self._late(work, sent), name=f"{asked.trace} late")
            return _update(modals.waiting_view(sent.command.name.capitalize()))
        return await self._in_time(sent, *work.result())

    @property
    def _dispatcher(self) -> Dispatcher:
        return self.answers.dispatcher

    async def _answered(self, asked: Invocation) -> tuple[Invocation, CommandAnswer]:
        known = await self.answers.known(asked)
        return known, await self._dispatcher.answer(known)

    async def _in_time(self, sent: _Sent, asked: Invocation, answer: CommandAnswer) -> Ack:
        reply = answer.reply
        if reply.ok and not sent.is_review:
            desk = ReplyTarget(thread=sent.form.thread)
            self.tasks.start(self.answers.deliver(asked, answer, desk), name=f"{asked.trace} deliver")
            return {"response_action": "clear"}
        await self.answers.close(asked.key, asked.trace)
        if reply.ok:
            return _update(_review(sent, reply))
        if sent.form.line:
            return _update(modals.words_view("It did not go through", in_modal(reply)))
        return _errors({_blamed(sent, reply): _said(reply)})

    async def _late(self, work: "asyncio.Task[tuple[Invocation, CommandAnswer]]", sent: _Sent) -> None:
        """The answer came after the ack: it goes into the view that says to wait."""
        asked, answer = await work
        reply = answer.reply
        if reply.ok and sent.is_review:
            view = _review(sent, reply)
        elif reply.ok or sent.form.line:
            view = modals.words_view("Done" if reply.ok else "It did not go through", in_modal(reply))
        else:
            values = _prefilled(sent.command, sent.values, asked)
            view = modals.form_view(sent.form, sent.command, values, _said(reply))
        try:
            await self._update(str(sent.view.get("id", "")), view)
        except SlackError as error:
            log.info("form is gone", trace=asked.trace, code=error.code)
        if reply.ok and not sent.is_review:
            await self.answers.deliver(asked, answer, ReplyTarget(thread=sent.form.thread))
        else:
            await self.answers.close(asked.key, asked.trace)

    async def _open(self, given: TypedCommand, invocation: Invocation, desk: ReplyTarget) -> bool:
        """Whether a modal is open now. At once, for the trigger dies; with its fields a moment later."""
        try:
            waiting = modals.waiting_view(given.command.name.capitalize())
            opened = await self.calls(self.client.views_open, trigger_id=desk.trigger, view=waiting)
        except SlackError as error:
            log.info("form not opened", trace=invocation.trace, code=error.code)
            return False
        view = opened.get("view")
        try:
            await self._update(str(view["id"] if view else ""), await self._first(given, invocation, desk))
        except SlackError as error:
            log.warning("form not filled", trace=invocation.trace, code=error.code)
            return False
        return True

    async def _first(self, given: TypedCommand, invocation: Invocation, desk: ReplyTarget) -> Block:
        """The form, or why it is not for this person; either is recorded."""
        asked = await self.answers.known(invocation)
        command = given.command
        try:
            self._dispatcher.policy.require(CommandRequest.by(asked, command))
        except Denied as error:
            await self._dispatcher.turn_away(asked, "denied", str(error))
            return modals.words_view("Not allowed", in_modal(failure(error)))
        await self._dispatcher.turn_away(asked, "form", "a form was opened; what it runs has its own row")
        hidden = modals.hidden_of(command, given.values)
        prompt = await self._prompt(given, asked)
        about, needed = (clipped(prompt.about, ABOUT), prompt.needed) if prompt else ("", ())
        form = ModalForm(command.name, asked.channel, desk.thread, hidden, about=about, needed=needed)
        return modals.form_view(form, command, _prefilled(command, given.values, asked))

    async def _prompt(self, given: TypedCommand, asked: Invocation) -> FormPrompt | None:
        """What the form says of what is given already; nothing where that is no use."""
        if given.command.ask is None:
            return None
        try:
            return await given.command.ask(given.values, self._dispatcher.context(asked, given.command))
        except PgbotError:
            return None

    def _read(self, view: Mapping[str, Any]) -> _Sent | None:
        form = modals.of_view(view)
        command = self._dispatcher.registry.get(tuple(form.command.split())) if form else None
        if form is None or command is None:
            return None
        values = {**form.hidden, **modals.values_of(view, command)}
        return _Sent(view, form, command, values, form.line or spell_line(command, values))

    def _wrong(self, sent: _Sent, invocation: Invocation) -> dict[str, str]:
        """What can be said without asking anybody: missing, malformed, or ahead of now."""
        ahead = {
            name: "This time lies ahead; it must be in the past."
            for name, value in sent.values.items()
            if sent.command.picks(name) == "past" and _is_ahead(str(value), invocation)
        }
        return form_values.check_values(sent.command, sent.values) | ahead

    async def _update(self, view_id: str, view: Block) -> None:
        await self.calls(self.client.views_update, view_id=view_id, view=view)


def not_taken(error: PgbotError) -> Ack:
    """What a form shows when what was submitted could not even be written down."""
    return _update(modals.words_view("It did not go through", in_modal(failure(error))))


def _review(sent: _Sent, reply: Reply) -> Block:
    form = replace(sent.form, line=sent.text)
    return modals.review_view(form, sent.command, in_modal(reply), "Ask for it")


def _is_ahead(typed: str, invocation: Invocation) -> bool:
    try:
        return parse_time(typed, invocation.at, invocation.actor.time_zone) > invocation.at
    except BadArgument:
        return False  # the command says what is wrong with it


def _prefilled(command: Command, values: Mapping[str, Any], asked: Invocation) -> dict[str, Any]:
    """What a form begins with: times as seconds since 1970, where they can be understood."""
    found = dict(values)
    for name in values:
        if command.picks(name) in modals.TIMES:
            try:
                at = parse_time(str(values[name]), asked.at, asked.actor.time_zone)
            except BadArgument:
                del found[name]
            else:
                found[name] = int(at.timestamp())
    return found


def _errors(wrong: Mapping[str, str]) -> Ack:
    return {
        "response_action": "errors",
        "errors": {modals.block_id(name): words for name, words in wrong.items()},
    }


def _update(view: Block) -> Ack:
    return {"response_action": "update", "view": view}


def _said(reply: Reply) -> str:
    return _whole(replace(reply, parts=tuple(part for part in reply.parts if not _is_for_the_line(part))))


def _is_for_the_line(part: Part) -> bool:
    return isinstance(part, Note) and bool(_LINE.search(part.text))


def _whole(reply: Reply) -> str:
    notes = [part.text for part in reply.parts if hasattr(part, "text")]
    return " ".join([reply.title, *notes[:1]])


def _blamed(sent: _Sent, reply: Reply) -> str:
    """The field that an error is shown beside: the one it speaks of, else the first."""
    inputs = modals.inputs_of(sent.view)
    said = _whole(reply).casefold()
    flags = [name for name in inputs if f"--{name.replace('_', '-')}" in said or f"<{name}>" in said]
    words = [name for name in inputs if name.replace("_", " ") in said]
    # Before the values: most sentences name the cluster, whatever it is that they object to.
    title = reply.title.casefold()
    filled = [name for name in words if sent.values.get(name) and name.replace("_", " ") in title]
    values = [name for name in inputs if str(sent.values.get(name) or "\0").casefold() in said]
    return next(iter([*flags, *filled, *values, *words, *inputs]))


def _fingerprint(view: Mapping[str, Any], text: str) -> str:
    whole = f"{view.get('id')}:{view.get('hash')}:{text}"
    return hashlib.sha256(whole.encode()).hexdigest()

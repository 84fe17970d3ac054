"""Forms for incomplete commands: opened, checked, reviewed, and run as a typed command line."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.access.policy import CommandRequest
from bot.commands import form_values
from bot.commands.context import Context
from bot.commands.declaration import TIMES, Command, Picked
from bot.commands.dispatcher import CommandAnswer, Dispatcher, error_reply
from bot.commands.form_layout import FormPrompt, list_choices_of
from bot.commands.parser import TypedCommand, spell_line
from bot.commands.tokenizer import keep_beginning
from bot.domain.block_kit import slack_limits as limits
from bot.domain.errors import BadArgument, Denied, PgbotError, SlackError
from bot.domain.plan import Harm
from bot.domain.reply import Note, Part, Reply
from bot.domain.request import Invocation
from bot.domain.text_safety import clip_text
from bot.domain.times import parse_future_time, parse_time, seen_in
from bot.runtime.background_tasks import Tasks
from bot.runtime.logger import get_logger
from bot.slack import modals
from bot.slack.message_budget import Block
from bot.slack.message_renderer import modal_blocks
from bot.slack.modals import FormContent, ModalForm
from bot.slack.responder import ReplyTarget, Responder
from bot.slack.web_api import WebApiCalls

log = get_logger()

ANSWER_SECONDS = 2.0
"""Seconds for which the ack of a submitted form waits for the answer. Slack allows three."""

ABOUT = 500
"""Characters of the text above a form's fields: the view's private_metadata keeps it."""

_COMMAND_LINE = re.compile(r"“(?:[^“”-]|-(?!-))*--[^“”]*”|^Usage: ")
"""A next step that quotes a command line, which is of no use in a form."""

_ASIDE = re.compile(r" \(“(?:[^“”()-]|-(?!-))*--[^“”()]*”\)")
"""A command line in brackets, without which the sentence says the same."""

_FLAG = re.compile(r"(?<![\w-])--(?P<flag>[a-z][a-z-]*)|<(?P<place>[a-z_]+)>")

NOT_DONE = "Not done"
REQUEST = "Request change"
"""The button of a review, which has the plan above it."""

Ack = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _SubmittedForm:
    """A submitted form and the command line it makes, in `text`."""

    view: Mapping[str, Any]
    form: ModalForm
    command: Command
    values: dict[str, Any]
    text: str

    @property
    def is_review(self) -> bool:
        """Return whether to show a preview of the change before it is requested."""
        return self.command.change is not None and not self.form.line


@dataclass(frozen=True, slots=True)
class ModalFlow:
    """A handler of typed commands, which may open a form, and of submitted forms."""

    client: AsyncWebClient
    calls: WebApiCalls
    responder: Responder
    tasks: Tasks

    async def __call__(self, invocation: Invocation, target: ReplyTarget) -> None:
        """Open a form, or answer. Never raises."""
        may_open = target.trigger and self._dispatcher.gate.right.other_holder() is None
        given = form_values.read_incomplete(invocation.text, self._dispatcher.registry) if may_open else None
        if given is not None and await self._open(given, invocation, target):
            await self.responder.close(invocation.key, invocation.trace)
            return
        await self.responder(invocation, target)

    async def submit(self, view: Mapping[str, Any], invocation: Invocation, trigger: str) -> Ack:
        """Return the ack: errors, another view, or closing the form. Raises StoreError."""
        sent = self._parse(view)
        if sent is None:
            return {}
        errors = {} if sent.form.line else self._check(sent, invocation)
        if errors:
            return _errors_ack(view, errors)
        asked = replace(
            invocation,
            key=f"view:{trigger or _fingerprint(view, sent.text)}",
            channel=sent.form.channel,
            text=keep_beginning(f"{sent.text} --dry-run" if sent.is_review else sent.text),
        )
        if not await self.responder.inbox.accept(asked):
            return {"response_action": "clear"}
        work = self.tasks.start(self._run(asked), name=asked.trace)
        done, _ = await asyncio.wait({work}, timeout=ANSWER_SECONDS)
        if not done:
            self.tasks.start(self._show_late_answer(work, sent), name=f"{asked.trace} late")
            return _update_ack(modals.waiting_view(sent.command.name.capitalize()))
        return await self._ack_answer(sent, *work.result())

    @property
    def _dispatcher(self) -> Dispatcher:
        return self.responder.dispatcher

    async def _run(self, asked: Invocation) -> tuple[Invocation, CommandAnswer]:
        known = await self.responder.identify(asked)
        return known, await self._dispatcher.answer(known)

    async def _ack_answer(self, sent: _SubmittedForm, asked: Invocation, answer: CommandAnswer) -> Ack:
        reply = answer.reply
        if reply.ok and not sent.is_review:
            target = ReplyTarget(thread=sent.form.thread)
            self.tasks.start(self.responder.deliver(asked, answer, target), name=f"{asked.trace} deliver")
            return {"response_action": "clear"}
        await self.responder.close(asked.key, asked.trace)
        if reply.ok:
            return _update_ack(_review(sent, reply))
        if sent.form.line:
            return _update_ack(modals.text_view(NOT_DONE, modal_blocks(reply)))
        return _errors_ack(sent.view, {_field_of_error(sent, reply): _message(reply, sent.command)})

    async def _show_late_answer(
        self, work: "asyncio.Task[tuple[Invocation, CommandAnswer]]", sent: _SubmittedForm
    ) -> None:
        """Show an answer that came after the ack in the waiting view."""
        asked, answer = await work
        reply = answer.reply
        if reply.ok and sent.is_review:
            view = _review(sent, reply)
        elif reply.ok or sent.form.line:
            view = modals.text_view("Done" if reply.ok else NOT_DONE, modal_blocks(reply))
        else:
            view = await self._fill(
                sent.form,
                sent.command,
                _entered(sent.view, sent.form, sent.command),
                asked,
                _message(reply, sent.command),
            )
        try:
            await self._update(str(sent.view.get("id", "")), view)
        except SlackError as error:
            log.info("form is gone", trace=asked.trace, code=error.code)
        if reply.ok and not sent.is_review:
            await self.responder.deliver(asked, answer, ReplyTarget(thread=sent.form.thread))
        else:
            await self.responder.close(asked.key, asked.trace)

    async def _open(self, given: TypedCommand, invocation: Invocation, target: ReplyTarget) -> bool:
        """Open a modal at once, since the trigger expires, then fill it. Return whether it is open."""
        try:
            waiting = modals.waiting_view(given.command.name.capitalize())
            opened = await self.calls(self.client.views_open, trigger_id=target.trigger, view=waiting)
        except SlackError as error:
            log.info("form not opened", trace=invocation.trace, code=error.code)
            return False
        view_id = str((opened.get("view") or {}).get("id", ""))
        try:
            await self._update(view_id, await self._first_view(given, invocation, target))
        except SlackError as error:
            log.warning("form not filled", trace=invocation.trace, code=error.code)
            return False
        return True

    async def _first_view(self, given: TypedCommand, invocation: Invocation, target: ReplyTarget) -> Block:
        """Return the form, or a refusal if the person may not run the command; record either."""
        asked = await self.responder.identify(invocation)
        command = given.command
        try:
            self._dispatcher.policy.require(CommandRequest.by(asked, command))
        except Denied as error:
            await self._dispatcher.record_turned_away(asked, "denied", str(error), error.error_code)
            return modals.text_view("Not allowed", modal_blocks(error_reply(error)))
        await self._dispatcher.record_turned_away(
            asked, "form", "a form was opened; what it runs has its own row"
        )
        hidden = {name: value for name, value in given.values.items() if command.picks(name) == "hidden"}
        form = ModalForm(command.name, asked.channel, target.thread, hidden)
        return await self._fill(form, command, FormContent(given.values), asked)

    async def revise(self, view: Mapping[str, Any], invocation: Invocation) -> None:
        """Update an open form after an answer or a value that the rest depends on.

        Slack refuses the update when a newer one came first (`hash`).
        """
        found = modals.find_form(view, self._dispatcher.registry)
        if found is None or found[0].line:
            return
        form, command = found
        asked = await self.responder.identify(replace(invocation, channel=form.channel))
        try:
            self._dispatcher.policy.require(CommandRequest.by(asked, command))
            filled = await self._fill(form, command, _entered(view, form, command), asked)
            await self._update(str(view.get("id", "")), filled, str(view.get("hash", "")))
        except PgbotError as error:
            log.info("form not updated", trace=invocation.trace, error=str(error))

    async def _fill(
        self, form: ModalForm, command: Command, content: FormContent, asked: Invocation, complaint: str = ""
    ) -> Block:
        """Return the form with what the command, policy and the values so far make of it."""
        ctx = self._dispatcher.make_context(asked, command)
        values = {**form.hidden, **content.values}
        given = {**_list_shown(command, content), **values}
        prompt = await _ask(command.ask_form, given, ctx) or FormPrompt()
        if prompt.refused:
            refused = prompt.refused
            await self._dispatcher.record_turned_away(asked, "denied", str(refused), refused.error_code)
            return modals.text_view(NOT_DONE, modal_blocks(error_reply(prompt.refused)))
        needed = {*prompt.needed, *(await _ask(_find_demanded, values, ctx) or ())}
        hidden = {**form.hidden, **{name: values[name] for name in prompt.hides if name in values}}
        form = replace(form, about=clip_text(prompt.about, ABOUT), needed=sorted(needed), hidden=hidden)
        form = replace(form, hides=prompt.hides, lacks=prompt.lacks, submit=prompt.submit)
        suggestion = command.suggestion
        suggested = await _ask(suggestion.make, values, ctx) if suggestion else None
        picked = _pick(command, content.values, asked)
        content = replace(content, suggested=suggested or {}, picked=picked)
        return modals.form_view(form, command, content, complaint)

    def _parse(self, view: Mapping[str, Any]) -> _SubmittedForm | None:
        found = modals.find_form(view, self._dispatcher.registry)
        if found is None:
            return None
        form, command = found
        values = {**form.hidden, **modals.read_values(view, command)}
        return _SubmittedForm(view, form, command, values, form.line or spell_line(command, values))

    def _check(self, sent: _SubmittedForm, invocation: Invocation) -> dict[str, str]:
        """Return errors by field that need no other service: missing, malformed, or on the wrong side of
        now."""
        times = {
            name: words
            for name, value in sent.values.items()
            if (words := _wrong_side(sent.command.picks(name), str(value), invocation))
        }
        return form_values.check_values(sent.command, sent.values) | times | _excess(sent)

    async def _update(self, view_id: str, view: Block, seen: str = "") -> None:
        more = {"hash": seen} if seen else {}
        await self.calls(self.client.views_update, view_id=view_id, view=view, **more)


def not_stored(error: PgbotError) -> Ack:
    """Return the ack for a form that could not be stored."""
    return _update_ack(modals.text_view(NOT_DONE, modal_blocks(error_reply(error))))


def _excess(sent: _SubmittedForm) -> dict[str, str]:
    """Return an error beside the longest text where the view of the review could not keep the line."""
    if not sent.is_review or len(_reviewed(sent).metadata()) <= limits.PRIVATE_METADATA:
        return {}
    longest = max(sent.values, key=lambda name: len(str(sent.values[name])))
    return {longest: "This text is too long for a form. Shorten it."}


def _reviewed(sent: _SubmittedForm) -> ModalForm:
    return replace(sent.form, line=sent.text)


def _review(sent: _SubmittedForm, reply: Reply) -> Block:
    """Return the plan without command lines, which its reader has no use for."""
    shown = (
        replace(each, text=_ASIDE.sub("", each.text)) if isinstance(each, Note) else each
        for each in reply.parts
    )
    plan = replace(reply, parts=tuple(each for each in shown if not _quotes_command_line(each)))
    return modals.review_view(_reviewed(sent), sent.command, modal_blocks(plan), REQUEST)


async def _ask(
    make: Callable[[Mapping[str, Any], Context], Awaitable[T]] | None, values: Any, ctx: Context
) -> T | None:
    """Return what a command makes of the values so far; None where it cannot: the form works without."""
    try:
        return None if make is None else await make(values, ctx)
    except PgbotError:
        return None


def _list_shown(command: Command, content: FormContent) -> dict[str, Any]:
    """Return an empty value for each field that the answers so far show."""
    choices, answers = list_choices_of(command.layout), modals.find_answers(command, content)
    shown = (choices[number].options[answer] for number, answer in answers.items() if answer is not None)
    return dict.fromkeys(name for option in shown for name in option.fields)


async def _find_demanded(values: Mapping[str, Any], ctx: Context) -> tuple[str, ...]:
    """Return the fields that policy demands for the cluster chosen so far. Raises as its search does."""
    command = ctx.command
    if command.change is None or "reason" not in command.arguments.model_fields:
        return ()
    typed = next(
        (values.get(name) for name, _, _ in command.positionals() if command.picks(name) == "cluster"), ""
    )
    if not typed:
        return ()
    cluster = await ctx.recent_cluster(str(typed))
    declared = command.change.consequences
    harm = declared.harm if declared else Harm.NOTICED
    return ("reason",) if ctx.policy.asks_reason(command.name, harm, cluster) else ()


def _entered(view: Mapping[str, Any], form: ModalForm, command: Command) -> FormContent:
    """Return what a form holds so far, also in fields that its present answers do not show."""
    values = {**form.kept, **modals.read_all_values(view, command)}
    return FormContent(values, answers=modals.read_answers(view, command))


def _wrong_side(picked: Picked | None, typed: str, invocation: Invocation) -> str:
    """Say that a time is on the wrong side of now; empty where it is not, or the command says it better."""
    read = {"past": parse_time, "future": parse_future_time}.get(picked or "")
    try:
        at = read(typed, invocation.at, invocation.actor.time_zone) if read else None
    except BadArgument:
        return ""
    if at is None or (at <= invocation.at) is (picked == "past"):
        return ""
    return f"Choose a time in the {picked}."


def _pick(command: Command, values: Mapping[str, Any], asked: Invocation) -> dict[str, Any]:
    """Return the readable times and days as calendars take them: seconds since 1970, a date."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        what = command.picks(name)
        if what is None or what not in {*TIMES, "day"}:
            continue
        read = parse_time if what == "past" else parse_future_time
        with suppress(BadArgument):
            at = read(str(value), asked.at, asked.actor.time_zone)
            day = seen_in(at, asked.actor.time_zone).date().isoformat()
            found[name] = day if what == "day" else int(at.timestamp())
    return found


def _errors_ack(view: Mapping[str, Any], errors: Mapping[str, str]) -> Ack:
    return {
        "response_action": "errors",
        "errors": {modals.find_block_id(view, name): words for name, words in errors.items()},
    }


def _update_ack(view: Block) -> Ack:
    return {"response_action": "update", "view": view}


def _message(reply: Reply, command: Command) -> str:
    """Return an error in words of the form: fields by their labels, and no command lines."""
    parts = tuple(part for part in reply.parts if not _quotes_command_line(part))
    fields = command.arguments.model_fields

    def name_field(found: re.Match[str]) -> str:
        name = (found["flag"] or found["place"]).replace("-", "_")
        return f"“{command.label(name)}”" if name in fields else found[0]

    return _FLAG.sub(name_field, _title_and_note(replace(reply, parts=parts)))


def _quotes_command_line(part: Part) -> bool:
    return isinstance(part, Note) and bool(_COMMAND_LINE.search(part.text))


def _title_and_note(reply: Reply) -> str:
    notes = [part.text for part in reply.parts if hasattr(part, "text")]
    return " ".join([reply.title, *notes[:1]])


def _field_of_error(sent: _SubmittedForm, reply: Reply) -> str:
    """Return the field that the error mentions, else the first one."""
    inputs = modals.field_names(sent.view)
    message = _title_and_note(reply).casefold()
    flags = [name for name in inputs if f"--{name.replace('_', '-')}" in message or f"<{name}>" in message]
    words = [name for name in inputs if name.replace("_", " ") in message]
    # Before the values: most errors name the cluster, whatever they are about.
    title = reply.title.casefold()
    filled = [name for name in words if sent.values.get(name) and name.replace("_", " ") in title]
    values = [name for name in inputs if str(sent.values.get(name) or "\0").casefold() in message]
    return next(iter([*flags, *filled, *values, *words, *inputs]))


def _fingerprint(view: Mapping[str, Any], text: str) -> str:
    whole = f"{view.get('id')}:{view.get('hash')}:{text}"
    return hashlib.sha256(whole.encode()).hexdigest()

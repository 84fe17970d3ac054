"""One invocation in, one reply out, with policy, audit and errors around it in one place."""

import asyncio
from dataclasses import dataclass, field, fields, replace

from bot.access.policy import CommandRequest
from bot.audit.log import AuditLog
from bot.audit.records import AuditEntry
from bot.commands.column_choices import ColumnChoices
from bot.commands.context import CommandServices, Context
from bot.commands.declaration import Command
from bot.commands.did_you_mean import Asker, unknown_command_error
from bot.commands.global_flags import guess_output
from bot.commands.interrupted import CUT_OFF, STALLED, UnansweredDelivery
from bot.commands.listing_cache import ListingCache
from bot.commands.parser import ParsedCommand, find_command, parse
from bot.commands.run import run_command
from bot.commands.tokenizer import keep_beginning
from bot.domain.command_info import CommandEffect
from bot.domain.error_codes import ErrorCode
from bot.domain.errors import (
    BadArgument,
    CloudError,
    Denied,
    InputError,
    LogInDoubt,
    NotTheHolder,
    PgbotError,
    StoreError,
    UnknownCommand,
)
from bot.domain.psql.psql_script import RunSql
from bot.domain.redaction import make_storable, redact
from bot.domain.reply import Audience, Choice, Choices, File, Note, Part, Reply, Text
from bot.domain.reply_document import write_output
from bot.domain.request import (
    Invocation,
    Origin,
    Progress,
    ignore_progress,
)
from bot.domain.result import Error, Output
from bot.runtime.clock import Clock
from bot.runtime.logger import get_logger
from bot.runtime.request_context import begin_invocation, collect_requests, noted_clusters
from bot.runtime.sending_right import SendingGate
from bot.runtime.work_turns import WorkTurns, come_first

log = get_logger()

_DENIED = "denied"
"""The outcome of what was refused."""


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """A reply, the command that gave it where one was understood, and the id of the listing behind it.

    `is_denied`: what was asked is refused, so no form of it is offered.
    """

    reply: Reply
    parsed: ParsedCommand | None = None
    kept: str = ""
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class _Result:
    """`command` is the one refused, where its line could not be parsed."""

    reply: Reply
    outcome: str
    detail: str = ""
    command: Command | None = None

    @property
    def error_code(self) -> str:
        """Return the code of its error; empty for none."""
        return self.reply.result.code if isinstance(self.reply.result, Error) else ""


@dataclass(frozen=True, slots=True)
class Dispatcher(CommandServices):
    """Runs commands. Never raises: whatever goes wrong becomes a reply, and a row in the audit."""

    audit: AuditLog
    listings: ListingCache
    columns: ColumnChoices
    clock: Clock
    turns: WorkTurns = field(default_factory=WorkTurns)
    gate: SendingGate = field(default_factory=SendingGate)

    async def dispatch(self, invocation: Invocation, *, progress: Progress = ignore_progress) -> Reply:
        """Return the reply alone of `answer`."""
        return (await self.answer(invocation, progress=progress)).reply

    async def answer(self, invocation: Invocation, *, progress: Progress = ignore_progress) -> CommandAnswer:
        """Parse, ask policy, write the audit row, run, write the outcome.

        The first row is durable before anything is done; if it cannot be written, nothing is done. `progress`
        receives how far a long command has come.
        """
        invocation = replace(invocation, text=keep_beginning(invocation.text))
        try:
            with begin_invocation(invocation.trace), self.turns.ticket(invocation.actor.id, progress):
                answer = await self._answer(invocation, progress)
        except StoreError as error:
            log.exception("store failed", trace=invocation.trace)
            answer = CommandAnswer(error_reply(error))
        except Exception:
            log.exception("dispatch failed", trace=invocation.trace)
            answer = CommandAnswer(_bug_reply(invocation))
        return replace(answer, reply=await _shape(answer, invocation))

    async def _answer(self, invocation: Invocation, progress: Progress) -> CommandAnswer:
        parsed, refusal = await self._parse(invocation)
        await self.audit.append(self._entry(invocation, parsed, "invocation", refusal))
        if parsed is None or refusal is not None:
            reply = refusal.reply if refusal else _bug_reply(invocation)
            is_denied = refusal is not None and refusal.outcome == _DENIED
            return CommandAnswer(reply, parsed, is_denied=is_denied)
        if parsed.command.effect is not CommandEffect.READ:
            come_first()
        return await self._run(invocation, parsed, progress)

    async def record_turned_away(
        self, invocation: Invocation, outcome: str, detail: str, code: str = ""
    ) -> None:
        """Record an invocation that never gets as far as `dispatch`; nothing of it is done. Never raises.

        `code` is that of the error for which it does not; empty where nothing is wrong.
        """
        entry = self._entry(invocation, None, "invocation", None)
        entry = replace(entry, outcome=outcome, detail=make_storable(detail), code=code)
        await self._record(entry, invocation.trace)

    async def record_cut_off(self, cut_off: UnansweredDelivery) -> None:
        """Record of a command that had begun that nobody knows how it ended. Never raises."""
        stopped = "stopped responding and was ended" if cut_off.is_stalled else "stopped"
        entry = AuditEntry(
            at=self.clock.now(),
            kind="outcome",
            trace=cut_off.trace,
            team=cut_off.team,
            actor=f"{Origin.SLACK}:{cut_off.user}",
            channel=cut_off.channel,
            command=cut_off.command,
            text=make_storable(cut_off.text),
            outcome=STALLED if cut_off.is_stalled else CUT_OFF,
            detail=f"the bot {stopped} before the command finished",
        )
        await self._record(entry, cut_off.trace)

    async def _record(self, entry: AuditEntry, trace: str) -> bool:
        """Append an entry; False when it could not be written."""
        try:
            await self.audit.append(entry)
        except StoreError:
            log.exception("audit row not written", trace=trace, outcome=entry.outcome)
            return False
        return True

    async def _parse(self, invocation: Invocation) -> tuple[ParsedCommand | None, _Result | None]:
        """Return the parsed command, and the refusal if it will not run."""
        parsed: ParsedCommand | None = None
        try:
            if invocation.actor.origin is Origin.SLACK:
                self._require_holder()
            parsed = _with_output(parse(invocation.text, self.registry), invocation)
            self.policy.require(CommandRequest.by(invocation, parsed.command))
            if parsed.command.effect is not CommandEffect.READ and not parsed.is_dry_run:
                self._require_holder()
                self.audit.verified.require_trusted()
        except (Denied, LogInDoubt, NotTheHolder) as error:
            return parsed, _Result(error_reply(error), _DENIED, str(error))
        except UnknownCommand as error:
            return parsed, _failure(await self._suggest(invocation, error), invocation)
        except InputError as error:
            return parsed, self._find_denial(invocation) or _failure(error, invocation)
        return parsed, None

    def _find_denial(self, invocation: Invocation) -> _Result | None:
        """Return the refusal of a mistyped line whose command the person may not run: correcting it would be
        in vain."""
        try:
            command = find_command(invocation.text, self.registry)
        except InputError:
            return None
        try:
            self.policy.require(CommandRequest.by(invocation, command))
        except Denied as error:
            return _Result(error_reply(error), _DENIED, str(error), command)
        return None

    async def _suggest(self, invocation: Invocation, error: UnknownCommand) -> UnknownCommand:
        """Return the error with what this person may run here, and likeliest what they have run before."""
        if not error.words:
            return error
        try:
            ran = await self.audit.count_commands(make_storable(str(invocation.actor)))
        except StoreError:
            ran = {}
        asker = Asker(lambda command: self._describe_refusal(invocation, command), ran)
        return unknown_command_error(error.words, self.registry, asker)

    def _describe_refusal(self, invocation: Invocation, command: Command) -> str:
        is_allowed = self.policy.may_run(CommandRequest.by(invocation, command)).allowed
        return "" if is_allowed else self.policy.describe_permitted(command)

    def _require_holder(self) -> None:
        """Raise NotTheHolder where another bot holds the Slack app: its rows are the ones that count."""
        if self.gate.right.other_holder() is not None:
            raise NotTheHolder(
                self.gate.right.obstacle(),
                "Stop either bot. To keep this one, stop the other and run “pgbot takeover” here.",
            )

    async def _run(self, invocation: Invocation, parsed: ParsedCommand, progress: Progress) -> CommandAnswer:
        requests = collect_requests()
        started = self.clock.monotonic()
        context = self.make_context(invocation, parsed.command, progress)
        cache = await self.listings.open_cache(parsed, invocation)
        if cache is not None:
            context = replace(context, fleet=self.fleet.cached(cache))
        result = await self._run_guarded(parsed, context)
        entry = self._entry(invocation, parsed, "outcome", result)
        milliseconds = (self.clock.monotonic() - started) * 1000
        redacted = tuple(replace(each, url=redact(each.url), said=redact(each.said)) for each in requests)
        entry = replace(entry, requests=redacted, milliseconds=milliseconds)
        recorded = await self._record(entry, invocation.trace)
        if not recorded:
            return CommandAnswer(_unrecorded_reply(invocation, result), parsed)
        is_denied = result.outcome == _DENIED
        kept, age = await self.listings.close_cache(cache, parsed, invocation)
        reply = replace(result.reply, parts=(*result.reply.parts, *age))
        reply = _share(reply, invocation) if parsed.flags.is_public else reply
        return CommandAnswer(reply, parsed, kept, is_denied)

    async def _run_guarded(self, parsed: ParsedCommand, ctx: Context) -> _Result:
        invocation = ctx.invocation
        try:
            reply = await self.columns.apply(await run_command(parsed, ctx), parsed, invocation)
        except PgbotError as error:
            return _failure(error, invocation)
        except Exception as error:
            log.exception("command failed", trace=invocation.trace, command=parsed.command.name)
            return _Result(_bug_reply(invocation), "error", type(error).__name__)
        return _Result(reply, "ok" if reply.ok else "failed", reply.title)

    def make_context(
        self, invocation: Invocation, command: Command, progress: Progress = ignore_progress
    ) -> Context:
        return Context(
            **{each.name: getattr(self, each.name) for each in fields(CommandServices)},
            invocation=invocation,
            command=command,
            request=CommandRequest.by(invocation, command),
            audit=self.audit,
            now=self.clock.now,
            progress=progress,
        )

    def _entry(
        self, invocation: Invocation, parsed: ParsedCommand | None, kind: str, result: _Result | None
    ) -> AuditEntry:
        command = parsed.command if parsed else result.command if result else None
        # The rules that allowed the command or refused it.
        rules = self.policy.may_run(CommandRequest.by(invocation, command)).trace if command else ()
        return AuditEntry(
            at=self.clock.now(),
            kind=kind,
            trace=invocation.trace,
            team=make_storable(invocation.actor.team),
            actor=make_storable(str(invocation.actor)),
            channel=make_storable(invocation.channel),
            command=command.name if command else "",
            text=make_storable(invocation.text),
            outcome=result.outcome if result else "accepted",
            code=result.error_code if result else "",
            detail=make_storable(result.detail) if result else "",
            clusters=noted_clusters(),
            roles=" ".join(sorted(self.policy.roles(invocation.actor))),
            rule="; ".join(rules),
            policy=self.policy.version,
        )


def error_reply(error: PgbotError, line: str = "") -> Reply:
    """Return an error as a reply: the sentence, and the next step below it."""
    step = error.next_step.replace("Usage: ", f"Usage: {line} ") if line else error.next_step
    result = Error(code=error.error_code, message=error.sentence, next_step=step)
    if isinstance(error, RunSql):
        return Reply(error.sentence, error.script.explain(), ok=False, result=result)
    parts: list[Part] = [Note(step)] if step else []
    if isinstance(error, BadArgument) and error.corrected:
        parts.append(Choices((Choice("Use this instead", error.corrected),)))
    if isinstance(error, UnknownCommand) and error.choices:
        parts.append(Choices(error.choices))
    return Reply(error.sentence, tuple(parts), ok=False, result=result)


def _bug_reply(invocation: Invocation) -> Reply:
    sentence = f"Something went wrong inside the bot. Its log has the details under {invocation.trace}."
    step = "Try again. If it happens again, give that id to the people who run the bot."
    result = Error(code=ErrorCode.BOT_ERROR, message=sentence, next_step=step)
    return Reply(sentence, (Note(step),), ok=False, result=result)


def _unrecorded_reply(invocation: Invocation, result: _Result) -> Reply:
    """Return the reply to a command that ran and whose outcome could not be recorded."""
    sentence = "The command ran, but its outcome could not be recorded"
    step = f"Check the bot's disk before you run it again. Its audit trace is {invocation.trace}."
    return Reply(
        sentence,
        (Text(f"Outcome ({result.outcome}): {result.reply.title}"), Note(step)),
        ok=False,
        result=Error(code=ErrorCode.AUDIT_UNWRITTEN, message=f"{sentence}.", next_step=step),
    )


def _with_output(parsed: ParsedCommand, invocation: Invocation) -> ParsedCommand:
    output = _choose_output(parsed.flags.output, invocation)
    is_wide = parsed.flags.wide or output is Output.WIDE
    return replace(parsed, flags=replace(parsed.flags, output=output, wide=is_wide))


def _choose_output(typed: Output, invocation: Invocation) -> Output:
    """Return the form that the line names, else the one that was asked for beside it."""
    return invocation.output if typed is Output.SCREEN else typed


async def _shape(answer: CommandAnswer, invocation: Invocation) -> Reply:
    """Return the reply with the form that was asked for; in Slack, one for programs is a file.

    A form that the result does not have is said in place of the answer, which then only read something.
    """
    flags = answer.parsed.flags if answer.parsed else None
    output = flags.output if flags else _choose_output(guess_output(invocation.text), invocation)
    reply = replace(answer.reply, output=output, fields=flags.columns if flags else ())
    if invocation.actor.origin is not Origin.SLACK or not output.is_for_programs:
        return reply
    try:
        content = await asyncio.to_thread(write_output, reply)
    except BadArgument as error:
        return replace(error_reply(error), output=output)
    name = f"{(answer.parsed.command.name if answer.parsed else 'error').replace(' ', '-')}.{output.suffix}"
    return replace(reply, parts=(File(name, content.encode()),))


def _share(reply: Reply, invocation: Invocation) -> Reply:
    if invocation.external_channel is False:
        return replace(reply, audience=Audience.CHANNEL) if reply.ok else reply
    why = "this channel is" if invocation.external_channel else "Slack does not say whether this channel is"
    held = Note(f"Only visible to you: {why} shared with another company.")
    return replace(reply, parts=(*reply.parts, held))


def _failure(error: PgbotError, invocation: Invocation) -> _Result:
    if isinstance(error, InputError):
        return _Result(error_reply(error, invocation.line), "mistyped", str(error))
    detail, fault = str(error), error.fault if isinstance(error, CloudError) else None
    if fault is not None:
        detail += f" [{fault.request} → {fault.status or 'no answer'}: {fault.said}]"
    return _Result(error_reply(error), _DENIED if isinstance(error, Denied) else "failed", detail)

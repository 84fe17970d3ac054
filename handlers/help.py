"""`/pg help`: what this person may run here, by task, and what each command takes."""

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated

from bot.access.policy import CommandRequest
from bot.commands.context import Context
from bot.commands.declaration import (
    Arguments,
    Command,
    InForm,
    Positional,
    command,
    field_choices,
    known_as,
    returns,
)
from bot.commands.parser import describe_usage
from bot.commands.start_page import EVERYTHING, TOPICS, list_task, show_start_page
from bot.commands.suggestions import MOST, suggest_commands
from bot.domain.command_info import CommandEffect
from bot.domain.errors import UnknownCommand
from bot.domain.phrases import quote_text
from bot.domain.reply import Choice, Choices, Code, Fields, Note, Part, Reply, Text, Warn
from bot.domain.result import CommandResult


class HelpArguments(Arguments):
    topic: Annotated[
        str | None, Positional(rest=True), InForm(hint="A command, or your task in your own words.")
    ] = None
    """Command, its first word, “all”, or your task in your own words"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentHelp:
    """An argument of a command, given by its place or as `--name value`. `choices` are the words that it
    takes, empty for any."""

    name: str
    is_positional: bool
    is_required: bool
    description: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandHelp:
    """A command, and whether you may run it here. `schema` is that of its results."""

    name: str
    usage: str
    summary: str
    details: str
    effect: CommandEffect
    is_allowed: bool
    arguments: tuple[ArgumentHelp, ...]
    examples: tuple[str, ...]
    schema: str

    @classmethod
    def of(cls, page: Command, *, is_allowed: bool = True) -> "CommandHelp":
        return cls(
            name=page.name,
            usage=describe_usage(page),
            summary=page.summary,
            details=page.details,
            effect=page.effect,
            is_allowed=is_allowed,
            arguments=_list_arguments(page),
            examples=page.examples,
            schema=page.result.schema_name(),
        )


def _list_arguments(page: Command) -> tuple[ArgumentHelp, ...]:
    fields = page.arguments.model_fields
    flags = {flag.replace("-", "_"): flag for flag, _ in page.flags()}
    return tuple(
        ArgumentHelp(
            name=flags.get(name, name),
            is_positional=name not in flags,
            is_required=fields[name].is_required(),
            description=page.describe(name),
            choices=tuple(field_choices(fields[name])),
        )
        for name in [*(name for name, _, _ in page.positionals()), *flags]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Help(CommandResult):
    """The commands that you asked about: without a topic, all that you may run here."""

    commands: tuple[CommandHelp, ...]


@returns(Help)
@known_as("what can i do", "what can you do", "what do you do", "manual")
@command(open_to_all=True, examples=("help", "help all", "help cluster list"))
async def help_(args: HelpArguments, ctx: Context) -> Reply:
    """Show what you can do here, or help on a command.

    It lists only commands that you may run. Add -h or --help to any command for its help.
    """
    commands = list(ctx.registry)
    available = [each for each in commands if ctx.may_run(each)]
    if args.topic is None:
        page = show_start_page(available, commands, ctx.invocation.line)
        return replace(page, result=Help(commands=tuple(map(CommandHelp.of, available))))
    topic = " ".join(args.topic.casefold().split())
    subject = ctx.registry.get(tuple(topic.split()))
    if subject is not None:
        return _show_page(subject, ctx)
    listed = _list_topic(topic, available, ctx)
    if listed:
        return _show_list(listed, ctx)
    return _show_nearest(topic, ctx)


def _list_topic(topic: str, available: list[Command], ctx: Context) -> list[Command]:
    """Return the commands that a topic lists: all, those of a task, or those that begin with a word."""
    task = next((each for each, name in TOPICS.items() if name == topic), None)
    if task is not None:
        return list_task(task, available, list(ctx.registry))
    return available if topic == EVERYTHING else [each for each in available if each.group == topic]


def _show_list(listed: list[Command], ctx: Context) -> Reply:
    line = ctx.invocation.line
    parts: list[Part] = [
        Fields(tuple((f"{line} {each.name}", each.summary) for each in group))
        for _, group in groupby(listed, key=lambda each: each.group)
    ]
    parts.append(Note(f"{line} <command> -h explains a command, with examples."))
    return Reply(
        "Commands you may run here", tuple(parts), result=Help(commands=tuple(map(CommandHelp.of, listed)))
    )


def _show_page(page: Command, ctx: Context, note: str = "") -> Reply:
    line = ctx.invocation.line
    asked = CommandRequest.by(ctx.invocation, page)
    decision = ctx.policy.may_run(asked)
    parts: list[Part] = [Note(note)] if note else []
    if not decision.allowed:
        parts.append(Warn(ctx.policy.describe_denial(asked, decision)))
    shown = CommandHelp.of(page, is_allowed=decision.allowed)
    parts += [Text(text) for text in (shown.summary, shown.details) if text]
    parts.append(Code(f"{line} {shown.usage}"))
    if shown.arguments:
        parts.append(Fields(tuple(map(_describe_argument, shown.arguments))))
    if shown.examples:
        parts.append(Code("\n".join(f"{line} {example}" for example in shown.examples)))
    parts.append(Note("Add --share to show the answer to the whole channel."))
    return Reply(f"Help: {page.name}", tuple(parts), result=Help(commands=(shown,)))


def _describe_argument(argument: ArgumentHelp) -> tuple[str, str]:
    label = f"<{argument.name}>" if argument.is_positional else f"--{argument.name}"
    choices = f": {', '.join(argument.choices)}" if argument.choices else ""
    return label, f"{argument.description}{choices}"


def _show_nearest(topic: str, ctx: Context) -> Reply:
    """Return the page of the command that a topic seems to mean. Raises UnknownCommand for none."""
    found = suggest_commands(["help", *topic.split()], list(ctx.registry))
    if not found:
        raise UnknownCommand(
            f"No help found for “{quote_text(topic)}”.", f"“help {EVERYTHING}” lists all commands."
        )
    near = [each.command for each in found[:MOST]]
    note = f"No command is called “{quote_text(topic)}”. This is the closest one."
    page = _show_page(near[0], ctx, note)
    others = tuple(Choice(f"Show help {each.name}", f"help {each.name}") for each in near[1:])
    return replace(page, parts=(*page.parts, Choices(others))) if others else page

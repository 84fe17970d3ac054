"""`/pg help`: what this person may run here, by task, and what each command takes."""

from dataclasses import replace
from itertools import groupby
from typing import Annotated

from pydantic import Field
from pydantic.fields import FieldInfo

from bot.access.policy import CommandRequest
from bot.commands.context import Context
from bot.commands.declaration import Arguments, Command, Positional, command, field_choices, known_as
from bot.commands.form_layout import InForm
from bot.commands.parser import describe_field, describe_usage
from bot.commands.start_page import EVERYTHING, TOPICS, list_task, show_start_page
from bot.commands.suggestions import MOST, suggest_commands
from bot.domain.errors import UnknownCommand
from bot.domain.phrases import quote_text
from bot.domain.reply import Choice, Choices, Code, Fields, Note, Part, Reply, Text, Warn


class HelpArguments(Arguments):
    topic: Annotated[
        str | None,
        Positional(rest=True),
        InForm(hint="A command, or your task in your own words."),
        Field(description="Command, its first word, “all”, or your task in your own words"),
    ] = None


@known_as("what can i do", "what can you do", "what do you do", "manual")
@command(open_to_all=True, examples=("help", "help all", "help cluster list"))
async def help_(args: HelpArguments, ctx: Context) -> Reply:
    """Show what you can do here, or help on a command.

    It lists only commands that you may run. Add -h or --help to any command for its help.
    """
    commands = list(ctx.registry)
    available = [each for each in commands if ctx.may_run(each)]
    if args.topic is None:
        return show_start_page(available, commands, ctx.invocation.line)
    topic = " ".join(args.topic.casefold().split())
    page = ctx.registry.get(tuple(topic.split()))
    if page is not None:
        return _show_page(page, ctx)
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
    return Reply("Commands you may run here", tuple(parts))


def _show_page(page: Command, ctx: Context, note: str = "") -> Reply:
    line = ctx.invocation.line
    asked = CommandRequest.by(ctx.invocation, page)
    decision = ctx.policy.may_run(asked)
    parts: list[Part] = [Note(note)] if note else []
    if not decision.allowed:
        parts.append(Warn(ctx.policy.describe_denial(asked, decision)))
    parts += [Text(text) for text in (page.summary, page.details) if text]
    parts.append(Code(f"{line} {describe_usage(page)}"))
    takes = [(f"<{name}>", info) for name, info, _ in page.positionals()]
    takes += [(f"--{flag}", info) for flag, info in page.flags()]
    if takes:
        parts.append(Fields(tuple((label, _describe_field(info)) for label, info in takes)))
    if page.examples:
        parts.append(Code("\n".join(f"{line} {example}" for example in page.examples)))
    parts.append(Note("Add --share to show the answer to the whole channel."))
    return Reply(f"Help: {page.name}", tuple(parts))


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


def _describe_field(info: FieldInfo) -> str:
    options = field_choices(info)
    return f"{describe_field(info)}: {', '.join(options)}" if options else describe_field(info)

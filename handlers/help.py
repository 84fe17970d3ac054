"""`/pg help`: what this person may run here, and what each command takes."""

from itertools import groupby
from typing import Annotated

from pydantic import Field
from pydantic.fields import FieldInfo

from bot.commands.context import Context
from bot.commands.declaration import Arguments, Command, Positional, command, field_choices
from bot.commands.did_you_mean import nearest_command
from bot.commands.parser import describe_field, describe_usage
from bot.domain.errors import UnknownCommand
from bot.domain.phrases import quote_text
from bot.domain.reply import Code, Fields, Note, Part, Reply, Text


class HelpArguments(Arguments):
    topic: Annotated[
        str | None, Positional(rest=True), Field(description="A command, or the word it begins with")
    ] = None


@command(open_to_all=True, examples=("help", "help cluster list"))
async def help_(args: HelpArguments, ctx: Context) -> Reply:
    """Show what you may run here, or what one command takes.

    Only commands that you may run are listed. Add --help to any command for the same page.
    """
    available = [each for each in ctx.registry if ctx.may_run(each)]
    if args.topic is None:
        return _show_overview(available, ctx)
    topic = " ".join(args.topic.casefold().split())
    exact = [each for each in available if each.name == topic]
    if exact:
        return _show_page(exact[0], ctx)
    group = [each for each in available if each.group == topic]
    if group:
        return _show_overview(group, ctx)
    raise _make_topic_error(topic, available)


def _show_overview(available: list[Command], ctx: Context) -> Reply:
    line = ctx.invocation.line
    parts: list[Part] = [
        Fields(tuple((f"{line} {each.name}", each.summary) for each in group))
        for _, group in groupby(available, key=lambda each: each.group)
    ]
    parts.append(Note(f"{line} help <command> shows what a command takes, with examples."))
    return Reply("What you can do here", tuple(parts))


def _show_page(page: Command, ctx: Context) -> Reply:
    line = ctx.invocation.line
    parts: list[Part] = [Text(text) for text in (page.summary, page.details) if text]
    parts.append(Code(f"{line} {describe_usage(page)}"))
    takes = [(f"<{name}>", info) for name, info, _ in page.positionals()]
    takes += [(f"--{flag}", info) for flag, info in page.flags()]
    if takes:
        parts.append(Fields(tuple((label, _describe_field(info)) for label, info in takes)))
    if page.examples:
        parts.append(Code("\n".join(f"{line} {example}" for example in page.examples)))
    parts.append(Note("--share shows the answer to the whole channel."))
    return Reply(f"Help: {page.name}", tuple(parts))


def _describe_field(info: FieldInfo) -> str:
    options = field_choices(info)
    return f"{describe_field(info)}: {', '.join(options)}" if options else describe_field(info)


def _make_topic_error(topic: str, available: list[Command]) -> UnknownCommand:
    near = nearest_command(topic.split(), available)
    hint = f"Did you mean “help {near}”?" if near else "“help” lists what there is."
    return UnknownCommand(f"There is no help on “{quote_text(topic)}”.", hint)

"""`docs/commands.md`, made from the registry, so that it cannot say what is not so."""

from collections.abc import Iterator
from itertools import groupby

from bot.commands.declaration import Command, Registry, field_choices
from bot.commands.parser import describe_field, describe_usage
from bot.domain.command_info import CommandEffect

HEAD = """# Commands

Made by `make docs` from the commands themselves; do not edit. In Slack each begins with `/pg`
(or what `slack.command` says), in the terminal it is given to `pgbot run "…"`, with `--json` for machines.

Every command also takes `--help`, and `--share`, which shows the answer to the whole channel.

Tables show the columns that fit a phone. `--wide` shows all of them, and `--columns name,state` those you
name, from now on; `--columns default` shows the usual ones again. Columns with warnings are always shown. CSV
and JSON have every column, unless `--columns` names some.
"""


def commands_page(registry: Registry) -> str:
    """Return the whole page as Markdown."""
    sections = [HEAD]
    for group, commands in groupby(registry, key=lambda each: each.group):
        sections.append(f"## {group}\n")
        sections.extend("\n".join(_section(each)) for each in commands)
    return "\n".join(sections)


def _section(command: Command) -> Iterator[str]:
    yield f"### `{command.name}`\n"
    yield command.summary + "\n"
    if command.details:
        yield command.details + "\n"
    yield f"```\n/pg {describe_usage(command)}\n```\n"
    yield _rights(command) + "\n"
    rows = list(_arguments(command))
    if rows:
        yield "| argument | meaning | default |\n| --- | --- | --- |"
        yield "\n".join(rows) + "\n"
    if command.examples:
        lines = "\n".join(f"/pg {example}" for example in command.examples)
        yield f"```\n{lines}\n```\n"


def _rights(command: Command) -> str:
    if command.open_to_all:
        return "Open to everyone, without any permission."
    return (
        "Reads only."
        if command.effect is CommandEffect.READ
        else "Changes something: never runs without a Slack person."
    )


def _arguments(command: Command) -> Iterator[str]:
    placed = [(f"<{name}>", info) for name, info, _ in command.positionals()]
    flagged = [(f"--{flag}", info) for flag, info in command.flags()]
    for label, info in [*placed, *flagged]:
        options = f": {', '.join(f'`{each}`' for each in field_choices(info))}" if field_choices(info) else ""
        default = "required" if info.is_required() else _default(info.default)
        yield f"| `{label}` | {describe_field(info)}{options} | {default} |"


def _default(value: object) -> str:
    return "" if value is None else f"`{value}`"

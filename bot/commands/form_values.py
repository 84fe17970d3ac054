"""What has been given of a command so far, what is missing or wrong with it, and the line that it makes."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.commands.declaration import Command, Registry
from bot.commands.parser import TypedCommand, choices, description, take_apart
from bot.domain.errors import InputError

_PLAIN = re.compile(r"[\w.:/@*?,+%#][\w.:/@*?,+%#-]*")
"""A word that needs no quotes on the line."""


def wanting(text: str, registry: Registry) -> TypedCommand | None:
    """What was typed, if a form is asked for, or all that is wrong is that something is missing."""
    try:
        given = take_apart(text, registry)
    except InputError:
        return None
    if given.manner.form:
        return given
    return given if _kinds(given.command, given.values) == {"missing"} else None


def fillable(text: str, registry: Registry) -> TypedCommand | None:
    """What was typed, if its command is known and takes anything that a form could ask for."""
    try:
        given = take_apart(text, registry)
    except InputError:
        return None
    return given if given.command.arguments.model_fields and not given.manner.form else None


def complaints(command: Command, values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with each field, in words for beside it; empty when all is well."""
    try:
        command.arguments.model_validate(dict(values))
    except ValidationError as error:
        return {
            str(each["loc"][0]): _words(command, str(each["loc"][0]), each["type"], each["msg"])
            for each in error.errors(include_input=False)
            if each["loc"]
        }
    return {}


def line(command: Command, values: Mapping[str, Any]) -> str:
    """The line that gives these values, as somebody would have typed it."""
    words = [command.name]
    for name, _, _ in command.positionals():
        if name not in values:
            break
        words.append(_quoted(str(values[name])))
    for flag, info in command.flags():
        name = flag.replace("-", "_")
        if name in values and values[name] != info.get_default():
            words.append(_flag(flag, values[name]))
    return " ".join(words)


def _kinds(command: Command, values: Mapping[str, Any]) -> set[str]:
    try:
        command.arguments.model_validate(dict(values))
    except ValidationError as error:
        return {each["type"] for each in error.errors(include_input=False)}
    return set()


def _words(command: Command, name: str, kind: str, message: str) -> str:
    info = command.arguments.model_fields[name]
    if kind == "missing":
        return f"Needed: {description(info)}."
    options = choices(info)
    if options:
        return f"It is one of {', '.join(options)}."
    reason = message.removeprefix("Value error, ")
    return f"{reason[:1].upper()}{reason[1:]}."


def _flag(flag: str, value: Any) -> str:
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--{flag}=false"
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    # Behind a blank, a value that begins with a dash would be taken for a flag.
    return f"--{flag}={_quoted(text)}" if text.startswith("-") else f"--{flag} {_quoted(text)}"


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    # As Slack sends them: reading a line undoes entities.
    return '"' + inner.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + '"'

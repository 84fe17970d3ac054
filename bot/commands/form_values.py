"""Values of a form: what has been given of a command, and what is missing or wrong with it."""

from collections.abc import Mapping
from typing import Any

from bot.commands.declaration import Command, Registry, field_choices
from bot.commands.parser import TypedCommand, take_apart, word_mismatch
from bot.domain.errors import InputError


def read_incomplete(text: str, registry: Registry) -> TypedCommand | None:
    """Return what was typed, if a form is asked for, or all that is wrong is that something is missing."""
    given = _read_typed(text, registry)
    if given is None or given.flags.form:
        return given
    kinds = {each["type"] for each in given.command.find_errors(given.values)}
    return given if kinds == {"missing"} else None


def read_fillable(text: str, registry: Registry) -> TypedCommand | None:
    """Return what was typed, if its command is known and takes anything that a form could ask for."""
    given = _read_typed(text, registry)
    return given if given and given.command.arguments.model_fields and not given.flags.form else None


def _read_typed(text: str, registry: Registry) -> TypedCommand | None:
    try:
        return take_apart(text, registry)
    except InputError:
        return None


def check_values(command: Command, values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with each field, in words for beside it; empty when all is well."""
    return {
        str(each["loc"][0]): _words(command, str(each["loc"][0]), each["type"], each["msg"])
        for each in command.find_errors(values)
        if each["loc"]
    }


def _words(command: Command, name: str, kind: str, message: str) -> str:
    info = command.arguments.model_fields[name]
    if kind == "missing":
        return f"Required: {command.describe(name)}."
    options = field_choices(info)
    if options:
        return f"Choose one of {', '.join(options)}."
    reason = word_mismatch(message)
    return f"{reason[:1].upper()}{reason[1:]}{'' if reason.endswith('?') else '.'}"

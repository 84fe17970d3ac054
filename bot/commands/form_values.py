"""Values of a form: what has been given of a command, and what is missing or wrong with it."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.commands.declaration import Command, Registry, field_choices
from bot.commands.parser import TypedCommand, take_apart, word_mismatch
from bot.domain.errors import InputError


def read_incomplete(text: str, registry: Registry) -> TypedCommand | None:
    """Return what was typed, if a form is asked for, or all that is wrong is that something is missing."""
    try:
        given = take_apart(text, registry)
    except InputError:
        return None
    if given.flags.form:
        return given
    return given if _kinds(given.command, given.values) == {"missing"} else None


def read_fillable(text: str, registry: Registry) -> TypedCommand | None:
    """Return what was typed, if its command is known and takes anything that a form could ask for."""
    try:
        given = take_apart(text, registry)
    except InputError:
        return None
    return given if given.command.arguments.model_fields and not given.flags.form else None


def check_values(command: Command, values: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with each field, in words for beside it; empty when all is well."""
    try:
        command.arguments.model_validate(dict(values))
    except ValidationError as error:
        return {
            str(each["loc"][0]): _words(command, str(each["loc"][0]), each["type"], each["msg"])
            for each in error.errors(include_input=False)
            if each["loc"]
        }
    return {}


def _kinds(command: Command, values: Mapping[str, Any]) -> set[str]:
    try:
        command.arguments.model_validate(dict(values))
    except ValidationError as error:
        return {each["type"] for each in error.errors(include_input=False)}
    return set()


def _words(command: Command, name: str, kind: str, message: str) -> str:
    info = command.arguments.model_fields[name]
    if kind == "missing":
        return f"Required: {command.describe(name)}."
    options = field_choices(info)
    if options:
        return f"Choose one of {', '.join(options)}."
    reason = word_mismatch(message)
    return f"{reason[:1].upper()}{reason[1:]}{'' if reason.endswith('?') else '.'}"

"""What a person typed, turned into a command and its typed arguments."""

import html
import re
import shlex
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from rapidfuzz import process

from bot.command import Arguments, Command, Registry
from bot.errors import BadArgument, InputError, UnknownCommand

LONGEST = 2_000
"""Characters that a command may have; Slack lets people type more than anyone means to."""

SHOWN = 40
"""Characters of somebody's own text that an error repeats."""

EVERYWHERE = {"help": "Show what the command takes", "share": "Show the answer to the whole channel"}
"""Flags that every command has."""

_LINK = re.compile(r"<(?P<kind>[@#!]?)(?P<target>[^<>|\s]+)(?:\|(?P<label>[^<>]*))?>")
_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "`": "'"}
)
_DASHES = re.compile(r"(?<!\S)(?:[—–―]|[-—–―]{2})(?=\w)")
_LONE_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A command with its arguments. `share` asks for an answer that the whole channel sees."""

    command: Command
    arguments: Arguments
    share: bool = False


@dataclass(slots=True)
class _Words:
    """Words sorted into those given by place and those given by name."""

    places: list[str] = field(default_factory=list)
    flags: dict[str, list[str]] = field(default_factory=dict)


def parse(text: str, registry: Registry) -> Parsed:
    """Raises UnknownCommand or BadArgument, each saying what to type instead.

    Nothing typed is `help`; `help` or `--help` anywhere after a command is help for it.
    """
    words = split(text)
    if "--help" in words or (len(words) > 1 and words[-1] == "help"):
        words = ["help", *(word for word in words if word not in {"--help", "help"})]
    command, rest = _find(words or ["help"], registry)
    sorted_words = _sort(rest, command)
    share = _switch(sorted_words.flags.pop("share", []))
    return Parsed(command, _arguments(command, sorted_words), share)


def split(text: str) -> list[str]:
    """Words, after undoing what Slack and telephones do to text. Raises BadArgument."""
    if len(text) > LONGEST:
        raise BadArgument(
            f"That is {len(text):,} characters, and a command has at most {LONGEST:,}.",
            "Say it in fewer words.",
        )
    text = _LONE_APOSTROPHE.sub("\\'", clean(text))
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:
        raise BadArgument(
            "A quote was opened and not closed.", 'Put the closing quote, as in --reason "bad deploy".'
        ) from None


def clean(text: str) -> str:
    """Plain text: Slack's `<…>` unwrapped, entities undone, smart punctuation straightened, no controls."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(_visible(character) for character in text)
    text = html.unescape(_LINK.sub(_unwrap, text))
    return _DASHES.sub("--", text.translate(_QUOTES)).strip()


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Zs", "Zl", "Zp"} or character in "\t\r\n":
        return " "
    return "" if category in {"Cc", "Cf", "Cs", "Co", "Cn"} else character


def _unwrap(match: re.Match[str]) -> str:
    """`<@U1|alice>` is U1 and `<http://db1|db1>` is db1; `<!channel>` stays what was typed."""
    if match["kind"] == "!":
        return match[0]
    return match["target"] if match["kind"] else (match["label"] or match["target"].removeprefix("mailto:"))


def _find(words: list[str], registry: Registry) -> tuple[Command, list[str]]:
    lowered = [word.casefold() for word in words]
    longest = max(len(each.words) for each in registry)
    for length in range(min(longest, len(words)), 0, -1):
        command = registry.get(tuple(lowered[:length]))
        if command is not None:
            return command, words[length:]
    raise _unknown(words, lowered, registry)


def _unknown(words: list[str], lowered: list[str], registry: Registry) -> UnknownCommand:
    siblings = registry.beginning_with(lowered[0])
    if siblings and len(words) == 1:
        there_is = ", ".join(each.name for each in siblings)
        return UnknownCommand(f"“{shown(words[0])}” needs one more word.", f"There is: {there_is}.")
    typed = " ".join(lowered[:2])
    names = [each.name for each in registry]
    match = process.extractOne(typed, names, score_cutoff=65) or process.extractOne(
        lowered[0], names, score_cutoff=75
    )
    hint = f"Did you mean “{match[0]}”?" if match else "“help” lists what there is."
    return UnknownCommand(f"There is no command “{shown(' '.join(words[:2]))}”.", hint)


def _sort(words: list[str], command: Command) -> _Words:
    kinds: dict[str, FieldInfo | None] = dict(command.flags()) | dict.fromkeys(EVERYWHERE)
    found = _Words()
    waiting = iter(words)
    for word in waiting:
        if not word.startswith("--"):
            found.places.append(word)
            continue
        name, equals, value = word.removeprefix("--").partition("=")
        name = _known_flag(name.casefold(), kinds, command)
        if not equals:
            value = "true" if _is_switch(kinds[name]) else _next_value(waiting, name, kinds[name])
        found.flags.setdefault(name, []).append(value)
    return found


def _known_flag(name: str, kinds: Iterable[str], command: Command) -> str:
    if name in kinds:
        return name
    match = process.extractOne(name, list(kinds), score_cutoff=60)
    if match:
        hint = f"Did you mean --{match[0]}?"
    else:
        hint = "It takes " + ", ".join(f"--{each}" for each in kinds) + "."
    raise BadArgument(f"“{command.name}” has no flag --{shown(name)}.", hint)


def _next_value(waiting: Iterable[str], name: str, kind: FieldInfo | None) -> str:
    value = next(iter(waiting), None)
    if value is None or value.startswith("--"):
        raise BadArgument(f"--{name} needs a value.", f"{description(kind)}.")
    return value


def _switch(values: list[str]) -> bool:
    return bool(values) and values[-1].casefold() not in {"false", "no", "off", "0"}


def _arguments(command: Command, words: _Words) -> Arguments:
    values: dict[str, Any] = {}
    places = words.places
    for name, _, mark in command.positionals():
        taken = len(places) if mark.rest else 1
        if places:
            values[name], places = " ".join(places[:taken]), places[taken:]
    if places:
        raise BadArgument(
            f"“{shown(places[0])}” is one word too many for “{command.name}”.", _usage_hint(command)
        )
    for flag, info in command.flags():
        if flag in words.flags:
            values[flag.replace("-", "_")] = _flag_value(flag, words.flags[flag], info)
    try:
        return command.arguments.model_validate(values)
    except ValidationError as error:
        raise _bad_value(command, error, values) from None


def _flag_value(flag: str, given: list[str], info: FieldInfo) -> str | list[str]:
    if _is_list(info):
        return [part for value in given for part in value.split(",") if part]
    if len(given) > 1:
        raise BadArgument(f"--{flag} is given {len(given)} times.", "Give it once.")
    return given[0]


def _bad_value(command: Command, error: ValidationError, values: dict[str, Any]) -> InputError:
    first = error.errors(include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    info = command.arguments.model_fields.get(name)
    places = {each for each, _, _ in command.positionals()}
    label = f"<{name}>" if name in places else f"--{name.replace('_', '-')}"
    if first["type"] == "missing":
        return BadArgument(f"“{command.name}” needs {label}: {description(info)}.", _usage_hint(command))
    given = values.get(name, "")
    typed = shown(", ".join(given) if isinstance(given, list) else str(given))
    options = choices(info)
    if not options:
        reason = first["msg"].removeprefix("Value error, ")
        return BadArgument(
            f"{label} cannot be “{typed}”: {reason[0].lower()}{reason[1:]}.", _usage_hint(command)
        )
    match = process.extractOne(typed, options, score_cutoff=60)
    hint = f"Did you mean {match[0]}?" if match else f"It is one of {', '.join(options)}."
    return BadArgument(f"{label} cannot be “{typed}”.", hint)


def usage(command: Command) -> str:
    """The command's shape in one line: `cluster show <cluster> [--json]`."""
    parts = [command.name]
    parts += [f"<{name}>" if info.is_required() else f"[<{name}>]" for name, info, _ in command.positionals()]
    parts += [
        f"[--{flag}]" if _is_switch(info) else f"[--{flag} …]" if not info.is_required() else f"--{flag} …"
        for flag, info in command.flags()
    ]
    return " ".join(parts)


def spell(command: Command, arguments: Arguments, **changes: object) -> str:
    """The line that gives these arguments, with `changes`; what a button runs and a person can copy."""
    values = {name: getattr(arguments, name) for name in command.arguments.model_fields} | changes
    fields = command.arguments.model_fields
    said = {name: value for name, value in values.items() if value != fields[name].get_default()}
    words = [command.name]
    words += [shlex.quote(str(said[name])) for name, _, _ in command.positionals() if name in said]
    words += [
        _spelled(flag, said[key]) for flag, _ in command.flags() if (key := flag.replace("-", "_")) in said
    ]
    return " ".join(words)


def _spelled(flag: str, value: object) -> str:
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--{flag}=false"
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"--{flag} {shlex.quote(text)}"


def _usage_hint(command: Command) -> str:
    return f"Usage: {usage(command)}"


def description(info: FieldInfo | None) -> str:
    """What a field is, in words, without the full stop."""
    return (info.description if info is not None and info.description else "a value").rstrip(".")


def choices(info: FieldInfo | None) -> list[str]:
    """The words that a field takes, if it takes only some."""
    return [] if info is None else [str(each) for each in _literals(info.annotation)]


def _literals(kind: Any) -> list[Any]:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [each for part in get_args(kind) if part is not Ellipsis for each in _literals(part)]


def _is_switch(info: FieldInfo | None) -> bool:
    return info is None or info.annotation is bool


def _is_list(info: FieldInfo) -> bool:
    kinds = (
        get_args(info.annotation) if get_origin(info.annotation) in {Union, UnionType} else (info.annotation,)
    )
    return any(get_origin(kind) in {list, tuple} for kind in kinds)


def shown(text: str) -> str:
    """Somebody's own text, short enough to repeat in a sentence."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"

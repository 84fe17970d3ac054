"""Command lines: parsed into a command and its arguments, and spelled from them again."""

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from bot.commands.declaration import (
    Arguments,
    Command,
    Registry,
    field_choices,
    is_time_field,
    size_limits,
)
from bot.commands.did_you_mean import complete_name, unknown_command_error
from bot.commands.global_flags import GLOBAL_FLAGS, VALUE_FLAGS, GlobalFlags, read_output, spell_flags
from bot.commands.tokenizer import DASHES, quote_word, split
from bot.domain.byte_sizes import UNIT, UnlikelySize
from bot.domain.closed_choices import OFF, ON, find_choice, split_choice
from bot.domain.command_info import CommandEffect
from bot.domain.errors import BadArgument, InputError
from bot.domain.name_match import fold_name
from bot.domain.phrases import quote_text
from bot.domain.redaction import HIDDEN, names_a_secret
from bot.domain.times import is_time, parse_duration

_SINGLE_DASH = re.compile(rf"[{DASHES}](?P<name>[a-zA-Z][\w-]+)(?:=.*)?")
_BEGINS_WITH_DASH = re.compile(f"[{DASHES}]")

_HELP = frozenset({"--help", "--h", "-help", "-h", "-?"})
"""Words that ask for help wherever they stand; `help me` does too, and `help` at the end."""

_TIME_WORDS = 6
"""Words of a time that needs no quotes: `last monday at 9:30 pm UTC`."""

_GREETINGS = frozenset(
    ("", "hi", "hello", "hey", "hallo", "moin", "there", "good", "morning", "help", "start", "commands")
)
"""Words of a line that says nothing but that somebody is there, or looks for the beginning."""


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command with its arguments, and the flags that say how its answer is wanted."""

    command: Command
    arguments: Arguments
    flags: GlobalFlags

    @property
    def is_for_programs(self) -> bool:
        """True where the answer is wanted as JSON, CSV or the like."""
        return self.flags.output.is_for_programs

    @property
    def is_dry_run(self) -> bool:
        """True where only the plan is shown."""
        return self.flags.dry_run


@dataclass(slots=True)
class _Words:
    """Words sorted into those given by place and those given by name. `behind` has the places that follow a
    flag with a value, which may have been meant for it."""

    places: list[str] = field(default_factory=list)
    flags: dict[str, list[str]] = field(default_factory=dict)
    behind: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypedCommand:
    """A command and the raw text for its fields, by name."""

    command: Command
    values: dict[str, Any]
    flags: GlobalFlags


def parse(text: str, registry: Registry) -> ParsedCommand:
    """Return the command and its arguments. Raises UnknownCommand or BadArgument with what to type instead.

    Nothing typed is `help`, and so is a greeting; `--help`, `-h` or `help me` anywhere is help for the rest.
    """
    given = take_apart(text, registry)
    try:
        arguments = given.command.arguments.model_validate(given.values)
    except ValidationError as error:
        raise _bad_value(given, error) from None
    return ParsedCommand(given.command, arguments, given.flags)


def take_apart(text: str, registry: Registry) -> TypedCommand:
    """Return the command and the words for each of its fields. Raises as `parse` does, but for the values."""
    words = _read_help(split(text), registry)
    command, rest = _find(words, registry)
    found = _sort(rest, command)
    own = dict(command.flags())
    flags = _global_flags({name: [] if name in own else found.flags.pop(name, []) for name in GLOBAL_FLAGS})
    return TypedCommand(command, _values(command, found), flags)


def _global_flags(given: dict[str, list[str]]) -> GlobalFlags:
    said = {name: _switch(f"--{name}", values) for name, values in given.items() if name not in VALUE_FLAGS}
    if {each.casefold() for each in given["as"]} - {"cli"}:
        raise BadArgument(f"--as can't be “{quote_text(given['as'][-1])}”.", "Its only value is --as cli.")
    return GlobalFlags(
        share=said["share"],
        thread=said["thread"],
        csv=said["csv"],
        wide=said["wide"],
        columns=tuple(
            word.strip().casefold() for value in given["columns"] for word in value.split(",") if word.strip()
        ),
        form=said["form"],
        dry_run=said["dry-run"],
        as_cli=bool(given["as"]),
        kept=given["kept"][-1] if given["kept"] else "",
        output=read_output(given["output"], is_json=said["json"] or bool(given["jq"])),
        jq=given["jq"][-1] if given["jq"] else "",
        wait=said["wait"] or bool(given["timeout"]),
        timeout=parse_duration(given["timeout"][-1]) if given["timeout"] else None,
    )


def find_command(text: str, registry: Registry) -> Command:
    """Return the command that a line begins with, whatever follows. Raises UnknownCommand or BadArgument."""
    return _find(_read_help(split(text), registry), registry)[0]


def _read_help(words: list[str], registry: Registry) -> list[str]:
    """Return the line of help that the words ask for, and the words themselves where they ask for none."""
    lowered = [fold_name(word) for word in words]
    if all(word and word.strip("?!.,") in _GREETINGS for word in lowered):
        return ["help"]
    pairs = [at for at in range(len(words) - 1) if lowered[at : at + 2] == ["help", "me"]]
    # A value in quotes that has blanks around the word is a value.
    calls = {at for at, word in enumerate(words) if word.casefold() in _HELP}
    calls.update(pairs, (at + 1 for at in pairs))
    if lowered[-1] == "help":
        calls.add(len(words) - 1)
    if not calls:
        return words
    rest = [word for at, word in enumerate(words) if at not in calls and (at or lowered[at] != "help")]
    command = _longest(rest, registry) if rest else None
    # The command alone, without what it was given.
    return ["help", *(rest if command is None else command.words)]


def _find(words: list[str], registry: Registry) -> tuple[Command, list[str]]:
    command = _longest(words, registry)
    if command is None:
        raise unknown_command_error(words, registry)
    return command, words[len(command.words) :]


def _longest(words: list[str], registry: Registry) -> Command | None:
    lowered = [fold_name(word) for word in words]
    longest = min(max(map(len, registry.words)), len(words))
    found = (registry.get(tuple(lowered[:length])) for length in range(longest, 0, -1))
    return next(filter(None, found), None)


def _sort(words: list[str], command: Command) -> _Words:
    own: dict[str, FieldInfo | None] = dict(command.flags())
    kinds = own | {name: None for name in GLOBAL_FLAGS if name not in own}
    placed = {_flag(name): info for name, info, _ in command.positionals()}
    found = _Words()
    waiting = deque(words)
    behind: list[str] = []
    while waiting:
        word = waiting.popleft()
        if word == "-o" or word.startswith("-o="):
            word = f"--output{word[2:]}"
        if not word.startswith("--"):
            _refuse_single_dash(word, kinds)
            found.places.append(word)
            behind.append(word)
            continue
        name, equals, value = word.removeprefix("--").partition("=")
        name = name if name in placed else _known_flag(name, kinds, command)
        kind = kinds[name] if name in kinds else placed[name]
        if not equals:
            valued = name in VALUE_FLAGS if kind is None else not _is_switch(kind)
            value = _next_value(waiting, name, kind, command) if valued else "true"
        found.flags.setdefault(name, []).append(value)
        behind = found.behind[name] = []
    return found


def _refuse_single_dash(word: str, kinds: Iterable[str]) -> None:
    """A word may begin with a dash; one that is nearly a flag is meant to be one."""
    typed = _SINGLE_DASH.fullmatch(word)
    meant = complete_name(typed["name"], kinds) if typed else ""
    if meant:
        raise BadArgument(
            f"“{quote_text(word)}” has one dash, but flags have two.", f"Did you mean --{meant}?"
        )


def _known_flag(name: str, kinds: Iterable[str], command: Command) -> str:
    if fold_name(name) in kinds:
        return fold_name(name)
    offered = [each for each in kinds if each != "kept"]
    meant = complete_name(name, offered)
    hint = (
        f"Did you mean --{meant}?" if meant else f"Its flags: {', '.join(f'--{each}' for each in offered)}."
    )
    raise BadArgument(f"“{command.name}” has no flag --{quote_text(name)}.", hint)


def _next_value(waiting: deque[str], name: str, kind: FieldInfo | None, command: Command) -> str:
    if not waiting or waiting[0].startswith("--"):
        raise BadArgument(f"--{name} needs a value.", f"{command.describe(_field(name))}.")
    if name == "columns" and kind is None:
        return _next_list(waiting)
    return " ".join(waiting.popleft() for _ in range(_count_words(waiting, kind)))


def _next_list(waiting: deque[str]) -> str:
    """Return a list with commas; a blank beside one does not end it."""
    words = [waiting.popleft()]
    while waiting and (words[-1].endswith(",") or waiting[0].startswith(",")):
        words.append(waiting.popleft())
    return "".join(words)


def _count_words(words: Sequence[str], kind: FieldInfo | None) -> int:
    """Return how many of these words are the value of a field: two for `8 GB`, three for `still on v1`."""
    choices = field_choices(kind)
    longest = max((len(split_choice(each)) for each in choices), default=1)
    first = list(takewhile(lambda each: not each.startswith("--"), islice(words, max(longest, 2))))
    if is_time_field(kind):
        most = min(_TIME_WORDS, len(words))
        first = list(takewhile(lambda each: not each.startswith("--"), islice(words, most)))
        counts = range(len(first), 1, -1)
        return next((count for count in counts if is_time(" ".join(first[:count]))), 1)
    if size_limits(kind) is not None and len(first) > 1:
        return 2 if first[0][-1:].isdecimal() and UNIT.fullmatch(first[1].casefold()) else 1
    counts = range(min(longest, len(first)), 1, -1)
    return next((count for count in counts if find_choice(" ".join(first[:count]), choices)), 1)


def _switch(label: str, values: list[str]) -> bool:
    wrong = next((value for value in values if value.casefold() not in ON | OFF), None)
    if wrong is not None:
        raise _no_switch(label, quote_text(wrong))
    return bool(values) and values[-1].casefold() in ON


def _no_switch(label: str, typed: str) -> BadArgument:
    return BadArgument(f"{label} takes yes or no, not “{typed}”.", f"{label} without a value means yes.")


def _values(command: Command, words: _Words) -> dict[str, Any]:
    values: dict[str, Any] = {}
    places = words.places
    for name, info, mark in command.positionals():
        taken = len(places) if mark.rest else _count_words(places, info)
        if _flag(name) in words.flags:
            values[name] = _flag_value(_flag(name), words.flags[_flag(name)], info)
        elif places:
            values[name], places = " ".join(places[:taken]), places[taken:]
    if places:
        # Where something is changed, a word too many may be a secret that somebody thought belongs there.
        first = f", from “{quote_text(places[0])}” on" if command.effect is CommandEffect.READ else ""
        hint = _quoted(words, places[0], command) or f"Put text with spaces in quotes. {_usage_hint(command)}"
        raise BadArgument(f"“{command.name}” got too many arguments{first}.", hint)
    for flag, info in command.flags():
        if flag in words.flags:
            values[_field(flag)] = _flag_value(flag, words.flags[flag], info)
    return values


def _quoted(words: _Words, extra: str, command: Command) -> str:
    """Say how to write the value that the word too many seems to belong to; empty where it belongs to none.

    Only a time is repeated: anything else may be a secret that somebody thought belongs there.
    """
    kinds = dict(command.flags())
    for flag, behind in words.behind.items():
        if extra in behind and flag in kinds and _is_text(kinds[flag]):
            value = " ".join([words.flags[flag][-1], *behind])
            return f'Put values with spaces in quotes: --{flag} "{value if is_time(value) else "…"}".'
    return ""


def _flag_value(flag: str, given: list[str], info: FieldInfo) -> str | list[str]:
    if is_list(info):
        return [part for value in given for part in value.split(",") if part]
    if len(given) > 1:
        raise BadArgument(f"--{flag} is given {len(given)} times.", "Give it once.")
    return given[0]


def _bad_value(given: TypedCommand, error: ValidationError) -> InputError:
    command, values = given.command, given.values
    first = error.errors(include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    info = command.arguments.model_fields.get(name)
    places = {each for each, _, _ in command.positionals()}
    label = f"<{name}>" if name in places else f"--{_flag(name)}"
    if first["type"] == "missing":
        return BadArgument(f"“{command.name}” needs {label}: {command.describe(name)}.", _usage_hint(command))
    value = values.get(name, "")
    text = ", ".join(value) if isinstance(value, list) else str(value)
    typed = HIDDEN if names_a_secret(name) else quote_text(text)
    if _is_switch(info):
        return _no_switch(label, typed)
    options = field_choices(info)
    if options:
        meant = complete_name(typed, options) if isinstance(value, str) else ""
        hint = f"Did you mean {meant}? " if meant else ""
        return BadArgument(
            f"{label} can't be “{typed}”.",
            f"{hint}Choose one of {', '.join(options)}.",
            corrected=_correct(given, name, meant),
        )
    unlikely = first.get("ctx", {}).get("error")
    if isinstance(unlikely, UnlikelySize):
        return BadArgument(
            f"{label} can't be “{typed}”: {unlikely.reason}.",
            unlikely.question,
            corrected=_correct(given, name, f"{unlikely.meant}GB" if unlikely.meant else ""),
        )
    reason = word_mismatch(first["msg"])
    return BadArgument(f"{label} can't be “{typed}”: {reason[0].lower()}{reason[1:]}.", _usage_hint(command))


_PLAIN = (
    ("Value error, ", ""),
    ("Input should be", "it must be"),
    ("String should have", "it must have"),
    ("a valid integer", "a whole number"),
    ("a valid number", "a number"),
    ("greater than or equal to", "at least"),
    ("less than or equal to", "at most"),
)
"""The validator's words, and ours."""


def word_mismatch(message: str) -> str:
    """Return a message of the validator in plain words, without a full stop."""
    message = message.partition(", unable to parse")[0]
    for theirs, ours in _PLAIN:
        message = message.replace(theirs, ours)
    return message


def _correct(given: TypedCommand, name: str, meant: str) -> str:
    """Return the line with another value for one field, and the same flags; empty without such a value."""
    line = spell_line(given.command, {**given.values, name: meant})
    return " ".join(filter(None, (line, spell_flags(given.flags)))) if meant else ""


def describe_usage(command: Command) -> str:
    """Return the command's shape in one line: `cluster show <cluster> [--json]`."""
    parts = [command.name]
    parts += [f"<{name}>" if info.is_required() else f"[<{name}>]" for name, info, _ in command.positionals()]
    parts += [
        f"[--{flag}]" if _is_switch(info) else f"[--{flag} …]" if not info.is_required() else f"--{flag} …"
        for flag, info in command.flags()
    ]
    return " ".join(parts)


def spell(command: Command, arguments: Arguments, **changes: object) -> str:
    """Return the line that gives these arguments, with `changes`; for buttons, and for people to copy."""
    return spell_line(command, {**dict(arguments), **changes})


def spell_line(command: Command, values: Mapping[str, object]) -> str:
    """Return the line that gives these values; `parse` reads the same from it, whatever text is in them.

    What is None or a default is left out.
    """
    given = {name: value for name, value in values.items() if not _is_default(command, name, value)}
    words, in_place = [command.name], True
    for name, _, _ in command.positionals():
        text = str(given.get(name, ""))
        # By name behind a gap, and where the word alone would be taken for a flag or a call for help.
        is_plain = not _BEGINS_WITH_DASH.match(text) and fold_name(text) != "help"
        if name in given and in_place and is_plain:
            words.append(quote_word(text))
        elif name in given:
            words.append(f"--{_flag(name)}={quote_word(text)}")
        else:
            in_place = False
    words += [_spelled(flag, given[_field(flag)]) for flag, _ in command.flags() if _field(flag) in given]
    return " ".join(words)


def _is_default(command: Command, name: str, value: object) -> bool:
    default = command.arguments.model_fields[name].get_default()
    return value is None or (tuple(value) if isinstance(value, list) else value) == (
        tuple(default) if isinstance(default, list) else default
    )


def _spelled(flag: str, value: object) -> str:
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--{flag}=false"
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    # Behind a blank, a dash would make it a flag, and “help” at the end a call for help.
    return f"--{flag}{'=' if text.startswith('-') or fold_name(text) == 'help' else ' '}{quote_word(text)}"


def _flag(name: str) -> str:
    return name.replace("_", "-")


def _field(flag: str) -> str:
    return flag.replace("-", "_")


def _usage_hint(command: Command) -> str:
    return f"Usage: {describe_usage(command)}"


def _is_switch(info: FieldInfo | None) -> bool:
    return info is None or info.annotation is bool


def _is_text(info: FieldInfo) -> bool:
    return info.annotation in {str, str | None} and not field_choices(info)


def is_list(info: FieldInfo) -> bool:
    """Return whether a field takes several values, with commas or by giving it several times."""
    kinds = (
        get_args(info.annotation) if get_origin(info.annotation) in {Union, UnionType} else (info.annotation,)
    )
    return any(get_origin(kind) in {list, tuple} for kind in kinds)

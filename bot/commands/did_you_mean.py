"""Answers to lines that match no command: what was probably meant, as far as this person may run it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.commands.declaration import Command, Registry
from bot.domain.command_info import CommandEffect
from bot.domain.errors import UnknownCommand
from bot.domain.nearest_names import nearest_name
from bot.domain.phrases import quote_text
from bot.domain.reply import Choice

if TYPE_CHECKING:
    from bot.commands.suggestions import Suggestion

_FULLNESS = frozenset({"full", "fuller", "fullest", "usage"})

MIN_SIMILARITY = 70.0
"""Least similarity of 100, by letters that are the same in the same order: a typing error, no other word."""


@dataclass(frozen=True, slots=True)
class Asker:
    """The person for whom a line is read: `refusal` says why they may not run a command, and is empty where
    they may; `ran` counts what they have run, by a command's name."""

    refusal: Callable[[Command], str] = lambda _: ""
    ran: Mapping[str, int] = field(default_factory=dict)


ANYONE = Asker()
"""For whom rights are not known yet, as where only the line is checked."""


def complete_name(typed: str, names: Iterable[str]) -> str:
    """Return the name that was begun or mistyped; empty for none."""
    known, typed = list(names), typed.casefold()
    begun = [name for name in known if typed and name.startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    return nearest_name(typed, known, MIN_SIMILARITY, "ratio")


def unknown_command_error(words: Sequence[str], registry: Registry, asker: Asker = ANYONE) -> UnknownCommand:
    """Return the error for words that begin no command, with suggestions.

    None of them is refused when it is run, and a question is answered with commands that only read.
    """
    from bot.commands.suggestions import MOST, suggest_commands  # noqa: PLC0415 - few lines are mistyped

    if not words[0].strip():
        return UnknownCommand("The command starts with an empty word.", "“help” shows what you can do here.")
    found = suggest_commands(words, list(registry), asker.ran)
    offered = [each for each in found if each.is_help or not asker.refusal(each.command)][:MOST]
    hints = [_describe_refusal(found[0].command, asker)] if found[:1] != offered[:1] else []
    is_question = words[-1].endswith("?")
    if offered:
        lines = " or ".join(f"“{each.line}”" for each in offered)
        hints.append(f"{lines} may answer this." if is_question else f"Did you mean {lines}?")
    if is_question and not _FULLNESS.isdisjoint(word.strip("?!.,").casefold() for word in words):
        hints.append("The IONOS APIs say how large a disk is, not how full.")
    group = registry.in_group(words[0].casefold()) if len(words) == 1 else []
    if group:
        hints.append(f"“help {group[0].group}” lists its commands.")
    return UnknownCommand(
        _describe_line(words, is_question=is_question, is_group=bool(group)),
        " ".join(hints) or "“help” shows what you can do here.",
        words=tuple(words),
        choices=tuple(choice for each in offered for choice in _offer(each)),
    )


def _describe_line(words: Sequence[str], *, is_question: bool, is_group: bool) -> str:
    if is_group:
        return f"“{quote_text(words[0].casefold())}” needs one more word."
    if is_question:
        return "I run commands and can't answer questions."
    return f"“{quote_text(' '.join(words[:2]))}” is not a command."


def _describe_refusal(command: Command, asker: Asker) -> str:
    return f"You may not run “{command.name}” here. {asker.refusal(command)}".strip()


def _offer(made: "Suggestion") -> list[Choice]:
    """Return the button of a suggestion: it runs a read, and asks before anything is changed."""
    if made.is_help:
        return [Choice(f"Show {made.line}", made.line)]
    if made.command.effect is CommandEffect.READ:
        return [Choice(f"Run {made.line}", made.line)]
    has_form = bool(made.command.arguments.model_fields)
    return [Choice(f"Fill in {made.line}", f"{made.line} --form")] if has_form else []

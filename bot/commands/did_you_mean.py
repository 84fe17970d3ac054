"""Suggestions for mistyped names: the nearest name, or none rather than nonsense."""

from collections.abc import Iterable, Sequence

from bot.commands.declaration import Command, Registry
from bot.domain.errors import UnknownCommand
from bot.domain.nearest_names import nearest_name
from bot.domain.phrases import quote_text

MIN_SIMILARITY = 70.0
"""Least similarity of 100, by letters that are the same in the same order: a typing error, no other word."""

MIN_FIRST_WORD = 80.0
"""The same for a command's first word, which leads to all that begin with it."""

MIN_WHOLE, MIN_ONE_WORD = 65.0, 75.0
"""Least similarity of 100, for a whole command in any order of its words, and for one of its words alone."""


def complete_name(typed: str, names: Iterable[str], close: float = MIN_SIMILARITY) -> str:
    """Return the name that was begun or mistyped; empty for none."""
    known, typed = list(names), typed.casefold()
    begun = [name for name in known if typed and name.startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    return nearest_name(typed, known, close, "ratio")


def nearest_command(words: Sequence[str], commands: Iterable[Command]) -> str:
    """Return the command's name, or only its first word where nothing says which command; empty for none."""
    known = list(commands)
    names = [each.name for each in known]
    group = complete_name(words[0], {each.group for each in known}, MIN_FIRST_WORD)
    if group:
        return _nearest_in_group(group, words, names)
    whole = nearest_name(" ".join(words[:2]), names, MIN_WHOLE)
    return whole or nearest_name(words[0], names, MIN_ONE_WORD)


def _nearest_in_group(group: str, words: Sequence[str], names: Sequence[str]) -> str:
    seconds = [name.partition(" ")[2] for name in names if name.startswith(f"{group} ")]
    second = complete_name(words[1], seconds) if len(words) > 1 else ""
    return f"{group} {second}".strip()


def unknown_command_error(words: Sequence[str], registry: Registry) -> UnknownCommand:
    """Return the error for words that begin no command, with a suggestion."""
    if not words[0].strip():
        return UnknownCommand("The line begins with an empty word.", "“help” lists all commands.")
    near = nearest_command([word.casefold() for word in words], registry)
    there_is = ", ".join(each.name for each in registry.in_group(near)) if near else ""
    if len(words) == 1 and near == words[0].casefold():
        return UnknownCommand(f"“{quote_text(near)}” needs one more word.", f"There is: {there_is}.")
    if registry.get(tuple(near.split())):
        hint = f"Did you mean “{near}”?"
    else:
        hint = f"There is: {there_is}." if there_is else "“help” lists what there is."
    return UnknownCommand(f"There is no command “{quote_text(' '.join(words[:2]))}”.", hint)

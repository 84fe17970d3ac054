"""What somebody may have meant: the nearest name there is, or none rather than nonsense."""

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from bot.commands.declaration import Command, Registry
from bot.domain.errors import UnknownCommand
from bot.domain.phrases import shown

SLIP = 70.0
"""Of a hundred, by letters that are the same in the same order: a slip of the fingers, no other word."""

FIRST_WORD = 80.0
"""The same for a command's first word, which leads to all that begin with it."""

SOMEHOW, BY_ONE_WORD = 65.0, 75.0
"""Of a hundred, for a whole command in any order of its words, and for one of its words alone."""


def nearest(typed: str, names: Iterable[str], close: float = SLIP) -> str:
    """The one that what was typed begins, or is a slip of; empty for none."""
    known, typed = list(names), typed.casefold()
    begun = [name for name in known if typed and name.startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    match = process.extractOne(typed, known, scorer=fuzz.ratio, score_cutoff=close)
    return match[0] if match else ""


def nearest_command(words: Sequence[str], commands: Iterable[Command]) -> str:
    """The command's name, or only its first word where nothing says which of them; empty for none."""
    known = list(commands)
    names = [each.name for each in known]
    group = nearest(words[0], {each.group for each in known}, FIRST_WORD)
    if group:
        return _inside(group, words, names)
    match = process.extractOne(" ".join(words[:2]), names, score_cutoff=SOMEHOW) or process.extractOne(
        words[0], names, score_cutoff=BY_ONE_WORD
    )
    return match[0] if match else ""


def _inside(group: str, words: Sequence[str], names: Sequence[str]) -> str:
    seconds = [name.partition(" ")[2] for name in names if name.startswith(f"{group} ")]
    second = nearest(words[1], seconds) if len(words) > 1 else ""
    return f"{group} {second}".strip()


def unknown(words: Sequence[str], registry: Registry) -> UnknownCommand:
    """No command begins with these words, and which might have been meant."""
    near = nearest_command([word.casefold() for word in words], registry)
    there_is = ", ".join(each.name for each in registry.beginning_with(near)) if near else ""
    if len(words) == 1 and near == words[0].casefold():
        return UnknownCommand(f"“{shown(near)}” needs one more word.", f"There is: {there_is}.")
    if registry.get(tuple(near.split())):
        hint = f"Did you mean “{near}”?"
    else:
        hint = f"There is: {there_is}." if there_is else "“help” lists what there is."
    return UnknownCommand(f"There is no command “{shown(' '.join(words[:2]))}”.", hint)

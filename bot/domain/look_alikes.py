"""Names that look like one that was typed: suggestions, which never take its place."""

from collections.abc import Iterable

from bot.domain.name_match import fold_name
from bot.domain.nearest_names import nearest_name
from bot.domain.phrases import join_names, quote_text

_CLOSE = 60
"""Likeness of a suggestion, of 100."""


def suggest_names(typed: str, names: Iterable[str]) -> str:
    """Return a sentence with the names that look like the typed one, else with the closest; "" for none.

    Names that nobody can tell apart by looking are spelled by their code points.
    """
    known = sorted(set(names) - {typed})
    alike = [name for name in known if fold_name(name) == fold_name(typed)]
    if not alike:
        close = nearest_name(typed, known, _CLOSE)
        return f"Did you mean “{quote_text(close)}”?" if close else ""
    meant = f"Did you mean {join_names(map(_spell, alike), 'or')}?"
    return meant if typed.isascii() else f"{meant} You typed {_spell(typed)}."


def show_exactly(name: str) -> str:
    """Return the name so that no other one reads the same: spelled by its code points where it is not plain
    ASCII, and in quotes where blanks could be overlooked."""
    if not name.isascii():
        return _spell(name)
    return name if name == " ".join(name.split()) else f"“{quote_text(name)}”"


def _spell(name: str) -> str:
    shown = quote_text(name)
    return f"“{shown}”" if name.isascii() else f"“{shown}” ({spell_code_points(shown)})"


def spell_code_points(name: str) -> str:
    """Return the name with each character beyond ASCII as its code point: `prod-e<U+0301>`."""
    return "".join(each if each.isascii() and each.isprintable() else f"<U+{ord(each):04X}>" for each in name)

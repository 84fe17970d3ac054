"""Names that are like one that was typed, for “Did you mean …?”: suggestions, which never take its place."""

import importlib
from collections.abc import Iterable
from typing import Literal

from bot.domain.name_match import fold_name
from bot.domain.phrases import join_names, quote_text

Comparison = Literal["ratio", "WRatio"]
"""`ratio` counts letters that are the same in the same order; `WRatio` also takes parts and other orders."""


def nearest_names(
    typed: str, names: Iterable[str], at_least: float, by: Comparison = "WRatio", most: int = 1
) -> list[str]:
    """Return up to `most` names that are at least so similar, of 100, nearest first; case does not count."""
    # The library and its compiled parts take 4 MB, and hardly any line has a typing error.
    rapidfuzz = importlib.import_module("rapidfuzz")
    known = dict(enumerate(names))
    found = rapidfuzz.process.extract(
        typed.casefold(),
        {number: name.casefold() for number, name in known.items()},
        scorer=getattr(rapidfuzz.fuzz, by),
        score_cutoff=at_least,
        limit=most,
    )
    return [known[number] for _, _, number in found]


def count_typos(word: str, meant: str, most: int) -> int:
    """Return how many letters were missed, added, mistaken or swapped with the next; more than `most` for
    any number above that."""
    distance = importlib.import_module("rapidfuzz.distance")
    return int(distance.OSA.distance(word, meant, score_cutoff=most))


def nearest_name(typed: str, names: Iterable[str], at_least: float, by: Comparison = "WRatio") -> str:
    """Return the nearest of the names as `nearest_names`; empty for none."""
    return next(iter(nearest_names(typed, names, at_least, by)), "")


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

"""The known names that are nearest to a typed one, for “Did you mean …?”."""

import importlib
from collections.abc import Iterable
from typing import Literal

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

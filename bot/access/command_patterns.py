"""Patterns of app.yaml for the names of commands, and their overlap."""

import re
from collections.abc import Iterable

from bot.domain.name_match import fold_name, matches_name


def may_meet(ones: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether one name may match a pattern of each; True where two patterns leave it open."""
    return any(_meet(one, other) for one in ones for other in others)


def _meet(one: str, other: str) -> bool:
    one, other = fold_name(one), fold_name(other)
    first, second = _beginning(one), _beginning(other)
    if first == one:
        return matches_name(one, other)
    if second == other:
        return matches_name(other, one)
    return first.startswith(second) or second.startswith(first)


def _beginning(pattern: str) -> str:
    """Return the text before the first wildcard: all of it without one."""
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0]

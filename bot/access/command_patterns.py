"""Patterns of app.yaml for the names of commands, with * and ?, and their overlap."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase


def may_meet(ones: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether one name may match a pattern of each; True where two patterns leave it open."""
    return any(_meet(one, other) for one in ones for other in others)


def _meet(one: str, other: str) -> bool:
    first, second = _beginning(one), _beginning(other)
    if first == one:
        return fnmatchcase(one, other)
    if second == other:
        return fnmatchcase(other, one)
    return first.startswith(second) or second.startswith(first)


def _beginning(pattern: str) -> str:
    """Return the text before the first wildcard: all of it without one."""
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0]

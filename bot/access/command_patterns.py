"""Patterns of app.yaml for the names of commands, with * and ?: whether two may be about the same command."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase


def may_meet(ones: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a name may fit a pattern of each; yes where two patterns do not tell."""
    return any(_meet(one, other) for one in ones for other in others)


def _meet(one: str, other: str) -> bool:
    first, second = _beginning(one), _beginning(other)
    if first == one:
        return fnmatchcase(one, other)
    if second == other:
        return fnmatchcase(other, one)
    return first.startswith(second) or second.startswith(first)


def _beginning(pattern: str) -> str:
    """What is before its first wildcard: all of it where it has none."""
    return re.split(r"[*?\[]", pattern, maxsplit=1)[0]

"""Comparison of names that people give to clusters, owners, tiers and commands: the same everywhere.

Names are compared as UAX #31 compares identifiers (toNFKC_Casefold): without regard to case, to the form in
which a letter is encoded (composed, decomposed, wide, ligature) and to characters that are never seen. A rule
that protects a cluster must not lose it to a spelling that looks the same. NFC would leave wide letters and
ligatures as other names. Letters of different alphabets stay different, however alike they look.
"""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from unicodedata import normalize

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point of the Unicode Character Database 15: joiners, marks of direction, fillers."""


def normalize_name(name: str) -> str:
    """Return the name in NFKC, without unseen characters and with single blanks; case is kept."""
    if name.isascii():
        return " ".join(name.split())
    return " ".join(normalize("NFKC", _UNSEEN.sub("", normalize("NFKC", name))).split())


def fold_name(name: str) -> str:
    """Return the form in which names are compared; empty for a name without visible characters."""
    return _folded(name) if len(name) <= REMEMBERED else _folded.__wrapped__(name)


REMEMBERED = 200
"""Characters of the longest name that is folded once and remembered: no cluster's is longer."""


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    if name.isascii():
        return " ".join(name.casefold().split())
    # Twice: folding a letter may leave one that another form of it folds to (Unicode, definition D146).
    return normalize_name(normalize_name(normalize("NFD", name).casefold()).casefold())


def same_name(one: str, other: str) -> bool:
    """Return whether both are the same name; one without visible characters equals no other."""
    return fold_name(one) == fold_name(other) != ""


def matches_name(name: str, pattern: str) -> bool:
    """Return whether a pattern matches the whole name: * stands for any characters, ? for one, [ab] for one
    of these. A pattern with brackets also matches the name that is spelled like it."""
    folded, wanted = fold_name(name), fold_name(pattern)
    as_spelled, as_pattern = wanted.replace("[", "[[]"), _escape_unclosed(wanted)
    # Each of its characters but * stands for one. To compile a pattern of any length takes a while.
    fits = len(wanted) - wanted.count("*") <= len(folded)
    return (fits and fnmatchcase(folded, as_spelled)) or (
        as_pattern != as_spelled and fnmatchcase(folded, as_pattern)
    )


def _escape_unclosed(pattern: str) -> str:
    """Return a pattern in which each bracket that is never closed stands for itself.

    fnmatch would look for its end again for each of them. Behind the first of them none is closed.
    """
    place = 0
    while (start := pattern.find("[", place)) >= 0:
        # A “]” that comes first, also behind a “!”, is one of the characters.
        first = start + (2 if pattern.startswith("!", start + 1) else 1)
        end = pattern.find("]", first + pattern.startswith("]", first))
        if end < 0:
            return pattern[:start] + pattern[start:].replace("[", "[[]")
        place = end + 1
    return pattern


def matches_any(name: str, patterns: Iterable[str]) -> bool:
    return any(matches_name(name, each) for each in patterns)


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

"""Counts, lists of names and quoted text, as a sentence needs them."""

from collections.abc import Iterable

from bot.domain.redaction import redact
from bot.domain.text_safety import clip_text

NAMED = 5
"""Names that a sentence lists before it counts the others."""

SHOWN = 40
"""Characters of a person's text that an error quotes."""


def format_count(number: int, word: str) -> str:
    """Return `1 cluster`, `1,200 clusters`, `2 entries`; only for words with a regular plural."""
    if number == 1:
        return f"1 {word}"
    is_consonant_y = word.endswith("y") and word[-2:-1] not in set("aeiou")
    return f"{number:,} {word[:-1]}ies" if is_consonant_y else f"{number:,} {word}s"


def format_ordinal(number: int) -> str:
    """Return `1st`, `2nd`, `12th`, `23rd`."""
    teens = number % 100 in {11, 12, 13}
    return f"{number:,}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def join_some(names: Iterable[str], most: int = NAMED) -> str:
    """Return `a, b and 3 more`: the first `most` names in the given order; empty for none."""
    known = list(names)
    more = f" and {len(known) - most:,} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def join_names(names: Iterable[str], last: str = "and") -> str:
    """Return `a`, `a and b`, `a, b and c`: all names in the given order; empty for none."""
    known = list(names)
    return f" {last} ".join(filter(None, (", ".join(known[:-1]), *known[-1:])))


def capitalize_first(sentence: str) -> str:
    """Return the sentence with its first letter as a capital, and the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


def quote_text(text: str) -> str:
    """Return a person's text without secrets and short enough to quote in a sentence."""
    # Redacted before it is cut: half a secret is not recognised.
    return clip_text(redact(text), SHOWN)

"""Escaping, cutting and code fences of text for Slack, and decoding of what people typed there.

Slack's own control characters are `&`, `<` and `>` alone; with them escaped, no `<!channel>`, `<@U…>` or
`<https://…|…>` that came from outside has an effect (Slack docs, "Formatting message text").
"""

import re
from bisect import bisect_right
from collections.abc import Callable

from bot.domain.text_safety import ELLIPSIS, strip_invisible

_LINK = re.compile(r"<(?:[@#](?P<id>\w+)|(?P<link>[a-z][a-z0-9+.-]*:[^<>|\s]+))(?:\|(?P<label>[^<>]*))?>")
"""A mention, a channel or a link. Other angle brackets are not Slack's, which encodes those of people."""

_ENTITY = re.compile("&(amp|lt|gt);")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}
_IN_A_FENCE = re.compile("`(?=``)")

FORMATTING = re.compile(r"[*_~`]|:[a-z0-9_+'-]+:")
"""What Slack reads as formatting, or as the name of an emoji."""


def escape(text: str) -> str:
    """Escape untrusted text for a mrkdwn object or a top-level `text`, without invisible characters."""
    return entities(strip_invisible(text))


def decode_typed(text: str) -> str:
    """Return what a person typed: Slack's `<…>` unwrapped, and its three entities, each once.

    Nothing else is changed, since every code point can tell two names apart.
    """
    return _ENTITY.sub(lambda found: _CHARACTERS[found[1]], _LINK.sub(_unwrap, text))


def _unwrap(match: re.Match[str]) -> str:
    """Unwrap a link: `<@U1|alice>` is U1 and `<http://db1|db1>` is db1."""
    return match["id"] or match["label"] or match["link"].removeprefix("mailto:")


def cost(text: str) -> int:
    """Return the characters that Slack counts for unescaped text: `&`, `<`, `>` count as entities."""
    return len(text) + 4 * text.count("&") + 3 * text.count("<") + 3 * text.count(">")


def fit(text: str, limit: int) -> str:
    """Cut unescaped `text` to a cost of at most `limit`, with an ellipsis if it was cut."""
    if cost(text) <= limit:
        return text
    return _longest_start(text, limit - 1, cost) + ELLIPSIS[: max(limit, 0)]


def fit_octets(text: str, limit: int) -> str:
    """Cut as `fit` does, counting the bytes of the escaped text in UTF-8."""
    if _octets(text) <= limit:
        return text
    return _longest_start(text, limit - len(ELLIPSIS.encode()), _octets) + ELLIPSIS


def _longest_start(text: str, limit: int, size: Callable[[str], int]) -> str:
    """Return the longest beginning of a size of at most `limit`; no character is smaller than 1."""
    ends = range(1, max(limit, 0) + 1)
    return text[: bisect_right(ends, limit, key=lambda end: size(text[:end]))]


def _octets(text: str) -> int:
    return len(entities(text).encode())


def unfenced(text: str) -> str:
    """Break up every run of three backticks with an invisible character."""
    return _IN_A_FENCE.sub("`\u200b", text)


def entities(text: str) -> str:
    """Replace Slack's three control characters by entities, `&` first."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

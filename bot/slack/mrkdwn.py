"""Text on its way into Slack and back: escaping, cutting to size, code fences.

Slack's own control characters are `&`, `<` and `>` alone; with them escaped, no `<!channel>`, `<@U…>` or
`<https://…|…>` that came from outside does anything (Slack docs, "Formatting message text").
"""

import re

from bot.domain.text_safety import ELLIPSIS, stripped

_IN_A_FENCE = re.compile("`(?=``)")


def escape(text: str) -> str:
    """Untrusted text for a mrkdwn object or a top-level `text`, freed of what cannot be seen."""
    return entities(stripped(text))


def cost(text: str) -> int:
    """Characters that unescaped `text` counts for in Slack, which counts `&`, `<`, `>` as their entities."""
    return len(text) + 4 * text.count("&") + 3 * text.count("<") + 3 * text.count(">")


def fit(text: str, limit: int) -> str:
    """The longest beginning of unescaped `text` that costs at most `limit`; an ellipsis where it was cut."""
    if cost(text) <= limit:
        return text
    used, end = 1, 0  # one for the ellipsis
    for character in text[:limit]:
        used += cost(character)
        if used > limit:
            break
        end += 1
    return text[:end] + ELLIPSIS[: max(limit, 0)]


def fit_octets(text: str, limit: int) -> str:
    """As `fit`, counting the bytes of the escaped text in UTF-8."""
    if len(entities(text).encode()) <= limit:
        return text
    used, end = len(ELLIPSIS.encode()), 0
    for character in text[:limit]:
        used += len(entities(character).encode())
        if used > limit:
            break
        end += 1
    return text[:end] + ELLIPSIS


def unfenced(text: str) -> str:
    """With every run of three backticks broken up by something invisible."""
    return _IN_A_FENCE.sub("`\u200b", text)


def entities(text: str) -> str:
    """Slack's three control characters as entities, `&` first."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""Redaction: secrets out of every text that leaves the process."""

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

_PIECE = (
    r"\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|[“”„«»](?:[^“”„«»\\]|\\.)*+(?:[“”„«»]|\\?\Z)"
    r"|'[^']*+(?:'|\Z)|[‘’‚][^‘’‚]*+(?:[‘’‚]|\Z)|`[^`]*+(?:`|\Z)"
    r"|[^\s\"“”„«»'‘’‚`\\]"
)
_TYPED = rf"(?:{_PIECE}|\\(?:.|\Z))++"
"""One word as people type it: with quotes of every kind, closed or not. No two parts begin alike, and what is
read is not read again (`++`): otherwise a few backslashes would take for ever."""

_SHORTEST = rf"(?:{_PIECE}|\\\S?+)++"
"""One word that ends at every blank outside quotes, so that what follows counts as another word."""

_FLAG = r"(?<![\w-])[-—–―]{1,2}(?:\w++-)*+(?:password|token|secret|code)\b"

_SQL_GAP = r"\s*+(?:(?:/\*(?:[^*]|\*(?!/)){0,200}+\*/|--[^\n]{0,200}+\n)\s*+){0,64}+"
"""Blanks and comments, not without end: each comment may hold the next beginning of one."""

_SQL_TEXT = r"(?:(?:E|U&)?'(?:[^'\\]|''|\\.)*+(?:'|\\?\Z)|(?P<dollar>\$\w*+\$).*?(?:(?P=dollar)|\Z))"
"""Every form of SQL text literal, also one cut off by the end of a line or message."""

_PATTERNS = (
    re.compile(r"(?i)\bxox[a-z](?:\.[a-z]+)?-[\w-]+"),  # Slack bot, user and configuration tokens
    re.compile(r"(?i)\bxapp-[\w-]+"),
    re.compile(r"(?i)https://hooks\.slack\.com/\S+"),
    re.compile(r"(?i)\bAGE-SECRET-KEY-[\w-]+"),
    # A password typed after the name of the user that it is for, where none belongs
    re.compile(
        r"(?is)(?P<kept>\A\s*+(?:/\S++\s++)?user\s++(?:create|password)"
        rf"(?:(?:\s++(?!-){_TYPED}){{2}}|(?:\s++(?!-){_SHORTEST}){{2}})\s++)(?!-){_TYPED}(?:\s++(?!-){_TYPED})*+"
    ),
    # A private key in PEM form, also one on a single line or without its end
    re.compile(r"(?is)-{1,5}\s*BEGIN [A-Z ]{0,99}PRIVATE KEY.*?(?:END [A-Z ]{0,99}PRIVATE KEY-*|\Z)"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w+/=.~-]{6,}"),
    # JSON Web Tokens, as IONOS issues them; also the first part of one that somebody has cut
    re.compile(r"(?i)\beyJ(?:[\w-]{8,}\.[\w-]+|[\w-]{20,})(?:\.[\w-]*)?"),
    re.compile(r"(?i)(?<=://)[^\s/:@]*:[^\s/@]+(?=[@…])"),  # user:password@ in an address, also a cut one
    re.compile(rf"(?is)(?P<kept>{_FLAG}(?:\s*+=\s*+|\s++(?!{_FLAG}))){_TYPED}"),
    re.compile(rf"(?is)(?P<kept>\bpassword{_SQL_GAP}){_SQL_TEXT}"),  # ALTER ROLE … PASSWORD '…'
    re.compile(
        r"(?i)(?P<kept>password\\*[\"']?\s*[:=]\s*)"
        r"(?:\"(?:[^\"\\]|\\.)*(?:\"|\\?\Z)|'(?:[^']|'')*(?:'|\Z)|\\+\"[^\"]*\"|(?!\[hidden])[^\s,;}]+)"
    ),
)
"""The group `kept` is not part of the secret; it announces one."""

_known: dict[str, str] = {}
"""Each secret that this process has resolved or made, and its letters in one case."""

SHORTEST_KNOWN = 6
"""Shorter values are not hidden everywhere: they would match ordinary words."""

_SECRET_NAME = re.compile(r"(?i)password|token|secret|\Acode\Z")


def redact(text: str) -> str:
    """Return `text` without anything that looks like a secret or that this process has resolved as one.

    Call it before text is cut: half a secret is not recognised.
    """
    if not text:
        return text
    folded = text.casefold()
    # A pattern of them all would try each one at every letter, and each password made adds one.
    if found := [secret for secret, letters in _known.items() if letters in folded]:
        text = _pattern_of(found).sub(HIDDEN, text)
    for pattern in _PATTERNS:
        text = pattern.sub(lambda found: found.groupdict().get("kept", "") + HIDDEN, text)
    return text


def _pattern_of(secrets: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of any of these, the longest first: where one begins another, no end may stay."""
    longest_first = sorted(secrets, key=lambda secret: (-len(secret), secret))
    return re.compile("|".join(map(_spell_whole, longest_first)), re.IGNORECASE)


def _spell_whole(secret: str) -> str:
    """Return a pattern of a secret. Where another token of Slack begins with it, that one goes to its end."""
    is_token = any(pattern.match(secret) for pattern in _PATTERNS[:2])
    return re.escape(secret) + (r"[\w-]*+" if is_token else "")


def remember_secrets(values: Iterable[str]) -> None:
    """Hide these values from now on, in any letter case."""
    _known.update((value, value.casefold()) for value in values if len(value) >= SHORTEST_KNOWN)


def forget_secrets(values: Iterable[str]) -> None:
    """Stop hiding these values: they no longer open anything."""
    for value in values:
        _known.pop(value, None)


def names_a_secret(name: str) -> bool:
    """Return whether a flag or field of this name holds a secret, which must not be repeated."""
    return _SECRET_NAME.search(name) is not None


def make_storable(text: str) -> str:
    """Return `text` without secrets, and without lone surrogates, which SQLite cannot store."""
    return redact(text.encode("utf-8", "replace").decode("utf-8"))

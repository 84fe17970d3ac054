"""Redaction: secrets out of every text that leaves the process."""

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

_DOUBLE = r"[\"“”„«»]"

_SINGLE = r"['‘’‚]"

_PIECE = (
    rf"{_DOUBLE}(?:[^\"“”„«»\\]|\\.)*+(?:{_DOUBLE}|\\?\Z)"
    rf"|{_SINGLE}[^'‘’‚]*+(?:{_SINGLE}|\Z)"
    r"|[^\s\"“”„«»'‘’‚\\]"
)
_TYPED = rf"(?:{_PIECE}|\\(?:.|\Z))++"
"""One word as people type it: with quotes of every kind, closed or not. No two parts begin alike, and what is
read is not read again (`++`): otherwise a few backslashes would take for ever."""

_SHORTEST = rf"(?:{_PIECE}|\\\S?+)++"
"""One word that ends at every blank outside quotes, so that what follows counts as another word."""

_FLAG = r"(?<![\w-])[-—–―]{1,2}(?:\w++-)*+(?:password|token|secret)\b"

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
"""The group `kept` is no part of the secret; it announces one."""

_known: set[str] = set()

_known_pattern: re.Pattern[str] | None = None

SHORTEST_KNOWN = 6
"""Shorter values are not hidden everywhere: they would match ordinary words."""

_SECRET_NAME = re.compile(r"(?i)password|token|secret")


def redact(text: str) -> str:
    """Return `text` without anything that looks like a secret or that this process has resolved as one.

    Call it before text is cut: half a secret is not recognised.
    """
    if _known_pattern is not None:
        text = _known_pattern.sub(HIDDEN, text)
    for pattern in _PATTERNS:
        text = pattern.sub(_hide_match, text)
    return text


def _hide_match(match: re.Match[str]) -> str:
    return match.groupdict().get("kept", "") + HIDDEN


def remember_secrets(values: Iterable[str]) -> None:
    """Hide these values from now on, in any letter case."""
    global _known_pattern  # noqa: PLW0603 - one process has one set of secrets
    _known.update(value for value in values if len(value) >= SHORTEST_KNOWN)
    # The longest first: where one secret begins with another, no end of it may stay.
    longest_first = sorted(_known, key=lambda value: (-len(value), value))
    _known_pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if _known else None


def names_a_secret(name: str) -> bool:
    """Return whether a flag or field of this name holds a secret, which must not be repeated."""
    return _SECRET_NAME.search(name) is not None


def make_storable(text: str) -> str:
    """Return `text` without secrets, and without lone surrogates, which SQLite cannot store."""
    return redact(text.encode("utf-8", "replace").decode("utf-8"))

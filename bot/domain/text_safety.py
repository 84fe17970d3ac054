"""Text safety: invisible and misleading characters, and the width of text on a terminal."""

import re
import unicodedata
from functools import lru_cache

# Cc but tab and newline, Cf but the visible Arabic and Kaithi signs, Cs, Zl and Zp, variation selectors, and
# the letters that are drawn as nothing. Written out, since asking for each of a million categories is slow.
_HIDDEN_RANGES = (
    (0x00, 0x08),
    (0x0B, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),  # soft hyphen
    (0x34F, 0x34F),  # combining grapheme joiner
    (0x61C, 0x61C),  # Arabic letter mark: bidi
    (0x70F, 0x70F),
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),  # zero width and bidi marks
    (0x2028, 0x202E),  # line and paragraph separators, bidi embeddings and overrides
    (0x2060, 0x206F),  # joiners, bidi isolates, deprecated format characters
    (0x2800, 0x2800),  # blank Braille
    (0x3164, 0x3164),
    (0xD800, 0xDFFF),  # lone surrogates: no UTF-8 for them
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags and more variation selectors
)
_HIDDEN = re.compile("[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in _HIDDEN_RANGES) + "]+")
_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

ELLIPSIS = "…"
DASH = "–"


def _is_plain(text: str) -> bool:
    """Return whether a text needs no change: nearly every cell of a table of thousands of rows."""
    return text.isascii() and text.isprintable()


def strip_invisible(text: str) -> str:
    """Return `text` without invisible characters; every line end becomes a newline, tabs become spaces."""
    if _is_plain(text):
        return text
    return _HIDDEN.sub("", _NEWLINES.sub("\n", text)).expandtabs(4)


def strip_invisible_line(text: str) -> str:
    """Return `text` as `stripped`, on one line and without outer blanks."""
    return strip_invisible(text).replace("\n", " ").strip()


def escape_invisible(text: str) -> str:
    """Return `text` with invisible characters as escapes (`\\x1b`, `\\u202e`)."""
    return text if _is_plain(text) else escape_data(text).expandtabs(4)


def escape_data(text: str) -> str:
    """Return `text` as `escape_invisible` does, but for its tabs: programs read them."""
    text = text.replace("\r\n", "\n")
    return _HIDDEN.sub(lambda found: "".join(map(_code_of, found.group())), text)


def escape_invisible_line(text: str) -> str:
    """Return `text` as `escaped`, newlines too, so that no name can forge a line."""
    return escape_invisible(text).replace("\n", "\\n").strip()


@lru_cache(maxsize=8_192)
def _code_of(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def clip_text(text: str, limit: int) -> str:
    """Return at most `limit` code points, ending in an ellipsis where text was cut."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + ELLIPSIS[:limit]


def terminal_width(text: str) -> int:
    """Return the terminal columns of `text`: two for wide East Asian letters, none for combining marks."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(maxsize=4_096)
def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def visible(text: str) -> str:
    """Return the text on one line, with every invisible character written out (`\\x1b`, `\\u202e`, `\\n`).

    That takes in control characters, bidirectional controls, lone surrogates (for which UTF-8 has no bytes)
    and every blank but the plain one.
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else "\\n" if each == "\n" else _code_of(each) for each in text)


def visible_lines(text: str) -> str:
    """Return the text as `visible` does, line by line: for our own texts of several lines, such as SQL."""
    return "\n".join(visible(line) for line in text.split("\n"))

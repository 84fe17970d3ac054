"""Comments blanked out of source text, so that every other character keeps its place."""

import re
from enum import Enum

_STRINGS = r"(?P<keep>\\.|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"
_DOUBLE = r"(?P<keep>\\.|\"(?:\\.|[^\"\\\n])*\")"
_NO_STRINGS = r"(?P<keep>(?!))"
_SHOWN = re.compile(r"[^\n]")


class CommentStyle(Enum):
    """The ways in which languages mark comments."""

    NONE = re.compile(_NO_STRINGS)
    HASH = re.compile(_STRINGS + r"|(?<!\S)\#[^\n]*")
    RUBY = re.compile(
        _STRINGS + r"|(?<!\S)\#[^\n]*|^__(?:END|DATA)__\b.*|^=[a-z]\w*.*?(?:^=(?:cut|end)\b|\Z)",
        re.DOTALL | re.MULTILINE,
    )
    C = re.compile(_STRINGS + r"|/\*.*?(?:\*/|\Z)|(?<!:)//[^\n]*", re.DOTALL)
    PHP = re.compile(_STRINGS + r"|/\*.*?(?:\*/|\Z)|(?<!:)//[^\n]*|(?<!\S)\#(?!\[)[^\n]*", re.DOTALL)
    XML = re.compile(_NO_STRINGS + r"|<!--.*?(?:-->|\Z)", re.DOTALL)
    SQL = re.compile(_STRINGS + r"|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
    DASHES = re.compile(_DOUBLE + r"|--\[\[.*?(?:\]\]|\Z)|\{-.*?(?:-\}|\Z)|--[^\n]*", re.DOTALL)
    INI = re.compile(_NO_STRINGS + r"|^[ \t]*[;#!][^\n]*", re.MULTILINE)
    BATCH = re.compile(_NO_STRINGS + r"|^[ \t]*(?:@?rem\b|::)[^\n]*", re.MULTILINE | re.IGNORECASE)
    POWERSHELL = re.compile(_STRINGS + r"|<\#.*?(?:\#>|\Z)|(?<!\S)\#[^\n]*", re.DOTALL)
    SEMICOLON = re.compile(_DOUBLE + r"|;[^\n]*")
    PERCENT = re.compile(_DOUBLE + r"|%[^\n]*")
    APOSTROPHE = re.compile(r"(?P<keep>\"[^\"\n]*\")|'[^\n]*")


def blank_comments(text: str, style: CommentStyle = CommentStyle.HASH) -> str:
    """Return the text with each comment replaced by as many blanks."""
    return style.value.sub(lambda found: found["keep"] or blank_out(found[0]), text)


def blank_out(text: str) -> str:
    """Return as many blanks as the text has characters, with its line ends."""
    return _SHOWN.sub(" ", text)

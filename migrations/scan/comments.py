"""Comments blanked out of source text, so that every other character keeps its place."""

import re
from pathlib import PurePath

_STRINGS = r"(?P<keep>\\.|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"
_HASH = re.compile(_STRINGS + r"|(?<!\S)\#[^\n]*")
_C = re.compile(_STRINGS + r"|/\*.*?(?:\*/|\Z)|(?<!:)//[^\n]*", re.DOTALL)
_HTML = re.compile(r"(?P<keep>(?!))|<!--.*?(?:-->|\Z)", re.DOTALL)
_SQL = re.compile(_STRINGS + r"|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_INI = re.compile(r"(?P<keep>(?!))|^[ \t]*[;#][^\n]*", re.MULTILINE)
_BATCH = re.compile(r"(?P<keep>(?!))|^[ \t]*(?:@?rem\b|::)[^\n]*", re.MULTILINE | re.IGNORECASE)
_POWERSHELL = re.compile(_STRINGS + r"|<\#.*?(?:\#>|\Z)|(?<!\S)\#[^\n]*", re.DOTALL)

_BY_SUFFIX = {
    ".sql": _SQL,
    ".xml": _HTML,
    ".vue": _C,
    ".ini": _INI,
    ".cfg": _INI,
    ".conf": _INI,
    ".properties": _INI,
    ".env": _INI,
    ".bat": _BATCH,
    ".cmd": _BATCH,
    ".ps1": _POWERSHELL,
    ".json": _HTML,
} | dict.fromkeys(
    (
        ".c", ".cc", ".cpp", ".cs", ".dart", ".go", ".gradle", ".groovy", ".h", ".java", ".js", ".jsonc",
        ".jsx", ".kt", ".kts", ".mjs", ".php", ".proto", ".rs", ".scala", ".swift", ".ts", ".tsx",
    ),
    _C,
)  # fmt: skip


def blank_comments(path: PurePath, text: str) -> str:
    """Return the text with each comment replaced by as many blanks. Unknown languages count as `#` ones."""
    name = path.name.casefold()
    if name.startswith("jenkinsfile"):
        return blank_c_comments(text)
    if name.startswith(".env"):
        return _blank_matches(_INI, text)
    return _blank_matches(_BY_SUFFIX.get(path.suffix.casefold(), _HASH), text)


def blank_c_comments(text: str) -> str:
    """Return the text without `//` and `/* */` comments."""
    return _blank_matches(_C, text)


def blank_hash_comments(text: str) -> str:
    """Return the text without `#` comments."""
    return _blank_matches(_HASH, text)


def _blank_matches(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: found["keep"] or _blanks(found[0]), text)


def _blanks(text: str) -> str:
    return "".join(character if character == "\n" else " " for character in text)

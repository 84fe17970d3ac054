"""Comments blanked out of source text, so that every other character keeps its place."""

import re
from pathlib import PurePath

_STRINGS = r"(?P<keep>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"
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


def without_comments(path: PurePath, text: str) -> str:
    """The text, each comment replaced by as many blanks. Languages that we do not know count as `#` ones."""
    name = path.name.casefold()
    if name.startswith("jenkinsfile"):
        return c_like(text)
    if name.startswith(".env"):
        return _blanked(_INI, text)
    return _blanked(_BY_SUFFIX.get(path.suffix.casefold(), _HASH), text)


def c_like(text: str) -> str:
    """The text without `//` and `/* */` comments."""
    return _blanked(_C, text)


def hash_like(text: str) -> str:
    """The text without `#` comments."""
    return _blanked(_HASH, text)


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: found["keep"] or _blanks(found[0]), text)


def _blanks(text: str) -> str:
    return "".join(character if character == "\n" else " " for character in text)

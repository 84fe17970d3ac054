"""Names that become identifiers of PostgreSQL: their limit in bytes, and their form in a psql script."""

import unicodedata

from bot.domain.errors import BadArgument

LONGEST_NAME = 63
"""Bytes of a name (NAMEDATALEN - 1). PostgreSQL cuts a longer one without an error, and may mean another."""

_UNFIT = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of control characters, halves of a character, and line and paragraph separators."""


def check_name(kind: str, name: str) -> None:
    """Raise BadArgument for a name that is empty, too long, or holds what ends a line.

    `kind` is the thing in the sentence: "user", "database".
    """
    if not name:
        raise BadArgument(f"The name of the {kind} is empty.")
    odd = next((each for each in name if unicodedata.category(each) in _UNFIT), None)
    if odd is not None:
        raise BadArgument(
            f"The name of the {kind} has a character that ends a line or controls the terminal: "
            f"U+{ord(odd):04X}."
        )
    check_length(kind, name)


def check_length(kind: str, name: str) -> None:
    """Raise BadArgument for a name of more bytes than PostgreSQL keeps."""
    length = count_bytes(name)
    if length > LONGEST_NAME:
        raise BadArgument(
            f"The name of the {kind} has {length} bytes in UTF-8. PostgreSQL keeps only the first "
            f"{LONGEST_NAME}, so it could mean another {kind}.",
            f"Use at most {LONGEST_NAME} bytes. A letter beyond ASCII takes 2 to 4 bytes.",
        )


def count_bytes(name: str) -> int:
    """Return the bytes of a name in UTF-8. Half a character, which UTF-8 has no bytes for, counts as 3."""
    return len(name.encode("utf-8", "surrogatepass"))


def quote_value(text: str) -> str:
    """Return a text as the value of psql's `\\set`, where nothing in it has a meaning of its own.

    Invisible characters stand there as their bytes, so that a reader of the script sees them.
    """
    quoted = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{''.join(each if each.isprintable() else _spell_bytes(each) for each in quoted)}'"


def _spell_bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "replace"))

"""Foreign text inside our own: on one line, visible, and without a meaning of its own in any format."""

import re
import shlex

from bot.domain.text_safety import visible

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~&!])")


def hcl(text: str) -> str:
    """Return a quoted string of HCL: `${` and `%{` do not begin a template."""
    quoted = _UNSTORABLE.sub("\ufffd", text).replace("\\", "\\\\").replace('"', '\\"')
    quoted = quoted.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    # By number and not doubled: readers disagree about `$${` without its end, and about three in a row.
    without_templates = re.sub(r"[$%](?=\{)", lambda sign: _spelt(sign[0]), quoted)
    return f'"{"".join(each if each.isprintable() else _spelt(each) for each in without_templates)}"'


def _spelt(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def shell(text: str) -> str:
    """Return one word for a POSIX shell."""
    return shlex.quote(visible(text))


def code(text: str) -> str:
    """Return a span of code in Markdown."""
    seen = visible(text)
    if not seen.strip():
        return f'"{seen}"'
    fence = "`" * (max((len(run) for run in re.findall("`+", seen)), default=0) + 1)
    gap = " " if seen.startswith("`") or seen.endswith("`") else ""
    return f"{fence}{gap}{seen}{gap}{fence}"


def prose(text: str) -> str:
    """Return text in Markdown that means what it says."""
    return _MARKDOWN.sub(r"\\\1", visible(text))


def block(text: str, language: str) -> str:
    """Return a block of code in Markdown; `text` is ours or already quoted, and may have several lines."""
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence}{language}\n{text}\n{fence}"

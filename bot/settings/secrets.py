"""Secrets: found by reference, shown to nobody, taken out of every text that leaves the process."""

import asyncio
import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainValidator, SecretStr, ValidationError

from bot.domain.errors import ConfigError

HIDDEN = "[hidden]"

_DOUBLE = r"[\"“”„«»]"
_SINGLE = r"['‘’‚]"
_TYPED = (
    rf"(?:{_DOUBLE}(?:[^\"“”„«»\\]|\\.)*(?:{_DOUBLE}|\\?\Z)"
    rf"|{_SINGLE}[^'‘’‚]*(?:{_SINGLE}|\Z)"
    r"|\\.|[^\s\"“”„«»'‘’‚])+"
)
"""One word as people type it: with quotes of every kind, closed or not."""

_FLAG = r"(?<![\w-])[-—–―]{1,2}(?:\w+-)*(?:password|token|secret)\b"

_SQL_GAP = r"(?:\s|/\*(?:[^*]|\*(?!/)){0,200}\*/|--[^\n]{0,200}\n)*+"
_SQL_TEXT = r"(?:(?:E|U&)?'(?:[^'\\]|''|\\.)*(?:'|\\?\Z)|(?P<dollar>\$\w*\$).*?(?:(?P=dollar)|\Z))"
"""Every way that SQL has to write text, also one that the end of a line or of a message cuts off."""

_PATTERNS = (
    re.compile(r"(?i)\bxox[a-z](?:\.[a-z]+)?-[\w-]+"),  # Slack bot, user and configuration tokens
    re.compile(r"(?i)\bxapp-[\w-]+"),
    re.compile(r"(?i)https://hooks\.slack\.com/\S+"),
    re.compile(r"(?i)\bAGE-SECRET-KEY-[\w-]+"),
    # A password typed after the name of the user that it is for, where none belongs
    re.compile(
        rf"(?is)(?P<kept>\A\s*(?:/\S+\s+)?user\s+(?:create|password)(?:\s+(?!-){_TYPED}){{2}}\s+)(?!-){_TYPED}"
        rf"(?:\s+(?!-){_TYPED})*"
    ),
    # A private key in PEM form, also one on a single line or without its end
    re.compile(r"(?is)-{1,5}\s*BEGIN [A-Z ]*PRIVATE KEY.*?(?:END [A-Z ]*PRIVATE KEY-*|\Z)"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w+/=.~-]{6,}"),
    # JSON Web Tokens, as IONOS issues them; also the first part of one that somebody has cut
    re.compile(r"(?i)\beyJ(?:[\w-]{8,}\.[\w-]+|[\w-]{20,})(?:\.[\w-]*)?"),
    re.compile(r"(?i)(?<=://)[^\s/:@]*:[^\s/@]+(?=[@…])"),  # user:password@ in an address, also a cut one
    re.compile(rf"(?is)(?P<kept>{_FLAG}(?:\s*=\s*|\s+(?!{_FLAG}))){_TYPED}"),
    re.compile(rf"(?is)(?P<kept>\bpassword{_SQL_GAP}){_SQL_TEXT}"),  # ALTER ROLE … PASSWORD '…'
    re.compile(
        r"(?i)(?P<kept>password\\*[\"']?\s*[:=]\s*)"
        r"(?:\"(?:[^\"\\]|\\.)*(?:\"|\\?\Z)|'(?:[^']|'')*(?:'|\Z)|\\+\"[^\"]*\"|(?!\[hidden])[^\s,;}]+)"
    ),
)
"""What stands in `kept` is not part of the secret, only what tells that one follows."""

_known: set[str] = set()
_known_pattern: re.Pattern[str] | None = None

SHORTEST_KNOWN = 6
"""Values shorter than this are not hidden wherever they occur: they would eat ordinary words."""

_SECRET_NAME = re.compile(r"(?i)password|token|secret")


def redact(text: str) -> str:
    """`text` without anything that looks like a secret or is one that this process has resolved.

    To be asked before text is cut: half a secret looks like nothing.
    """
    if _known_pattern is not None:
        text = _known_pattern.sub(HIDDEN, text)
    for pattern in _PATTERNS:
        text = pattern.sub(_hidden, text)
    return text


def _hidden(match: re.Match[str]) -> str:
    return match.groupdict().get("kept", "") + HIDDEN


def remember(values: Iterable[str]) -> None:
    """Hide these values from now on, in any case of letters, wherever `redact` is asked."""
    global _known_pattern  # noqa: PLW0603 - one process has one set of secrets
    _known.update(value for value in values if len(value) >= SHORTEST_KNOWN)
    # The longest first: where one secret begins with another, no end of it may stay.
    longest_first = sorted(_known, key=lambda value: (-len(value), value))
    _known_pattern = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if _known else None


def names_a_secret(name: str) -> bool:
    """Whether a flag or field of this name holds a secret, so that its value is not to be repeated."""
    return _SECRET_NAME.search(name) is not None


class CommandReference(BaseModel):
    """A program whose standard output is the secret, for password managers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    command: tuple[str, ...]


def _as_reference(value: object) -> str | CommandReference:
    # One validator for both kinds: a union would make a complaint for each, in words for programmers.
    if isinstance(value, str):
        kind, _, rest = value.partition(":")
        if kind in {"env", "file"} and rest:
            return value
    elif isinstance(value, CommandReference):
        return value
    elif isinstance(value, dict):
        with contextlib.suppress(ValidationError):
            return CommandReference.model_validate(value)
    raise ValueError(
        "a secret is given as env:NAME, file:PATH or {command: [program, argument]}, never itself"
    )


Reference = Annotated[str | CommandReference, PlainValidator(_as_reference)]
"""Where a secret is: `env:NAME`, `file:PATH`, or `{command: […]}`. Never the secret itself."""

COMMAND_SECONDS = 20


async def resolve(reference: Reference) -> SecretStr:
    """The secret itself, remembered for redaction. Raises ConfigError, which names only the reference."""
    if isinstance(reference, CommandReference):
        value = await _from_command(reference.command)
    else:
        kind, _, rest = reference.partition(":")
        value = _from_environment(rest) if kind == "env" else await asyncio.to_thread(_from_file, Path(rest))
    if not value:
        raise ConfigError(
            f"The secret {describe(reference)} is empty.", "Put the value there, then start again."
        )
    remember([value])
    return SecretStr(value)


def describe(reference: Reference) -> str:
    """The reference as a person wrote it; a command by its program only, since arguments may tell."""
    if isinstance(reference, CommandReference):
        return f"command {reference.command[0] if reference.command else '(empty)'}"
    return reference


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise ConfigError(f"The environment variable {name} is not set.", f"Set {name}, then start again.")
    return value.strip()


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise ConfigError(
            f"The secret file {path} cannot be read: {reason}.", "Check the path and its rights."
        ) from None


async def _from_command(command: tuple[str, ...]) -> str:
    shown = describe(CommandReference(command=command))
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(COMMAND_SECONDS):
            output, _ = await process.communicate()
    except (OSError, TimeoutError, IndexError):
        raise ConfigError(f"The secret {shown} gave no answer.", "Run it by hand to see why.") from None
    if process.returncode:
        raise ConfigError(
            f"The secret {shown} ended with {process.returncode}.", "Run it by hand to see why."
        )
    return output.decode(errors="replace").strip()

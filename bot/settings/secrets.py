"""Secrets: named by reference, shown to nobody, removed from every text that leaves the process."""

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, SecretStr, ValidationError

from bot.domain.errors import ConfigError
from bot.domain.redaction import remember_secrets


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


def _as_written(reference: str | CommandReference) -> Any:
    return reference if isinstance(reference, str) else {"command": list(reference.command)}


# A serializer of its own: the validator's warns of every command, on each start.
Reference = Annotated[str | CommandReference, PlainValidator(_as_reference), PlainSerializer(_as_written)]
"""A reference to a secret: `env:NAME`, `file:PATH` or `{command: […]}`. Never the secret itself."""

COMMAND_SECONDS = 20


async def resolve_secret(reference: Reference) -> SecretStr:
    """Return the secret, remembered for redaction. Raises ConfigError, which names only the reference."""
    if isinstance(reference, CommandReference):
        value = await _from_command(reference.command)
    else:
        kind, _, rest = reference.partition(":")
        value = _from_environment(rest) if kind == "env" else await asyncio.to_thread(_from_file, Path(rest))
    if not value:
        raise ConfigError(
            f"The secret {describe_reference(reference)} is empty.", "Put the value there, then start again."
        )
    remember_secrets([value])
    return SecretStr(value)


def describe_reference(reference: Reference) -> str:
    """Return the reference as written; of a command only the program, since arguments may hold secrets."""
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
    shown = describe_reference(CommandReference(command=command))
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

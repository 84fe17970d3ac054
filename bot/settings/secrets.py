"""Secrets: named by reference, shown to nobody, removed from every text that leaves the process."""

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, SecretStr, ValidationError

from bot.domain.errors import ConfigError
from bot.domain.redaction import remember_secrets
from bot.settings.child_process import Program, ProgramSettings, run_program


class CommandReference(ProgramSettings):
    """A program whose standard output is the secret, for password managers."""

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
        "write a secret as env:NAME, file:PATH or {command: [program, argument]}, never the secret itself"
    )


def _as_written(reference: str | CommandReference) -> Any:
    if isinstance(reference, str):
        return reference
    return {"command": list(reference.command)} | ({"env": list(reference.env)} if reference.env else {})


# A serializer of its own: the validator's warns of every command, on each start.
Reference = Annotated[str | CommandReference, PlainValidator(_as_reference), PlainSerializer(_as_written)]
"""A reference to a secret: `env:NAME`, `file:PATH` or `{command: […]}`. Never the secret itself."""


async def resolve_secret(reference: Reference) -> SecretStr:
    """Return the secret byte for byte, remembered for redaction. Raises ConfigError, naming the reference.

    A file or a command may end in one line end, which is not part of it: editors and `echo` put it there.
    """
    return _remember(reference, await _read(reference))


async def resolve_token(reference: Reference) -> SecretStr:
    """Return a token or signing secret, without outer blanks, which none has. Raises as `resolve_secret`."""
    return _remember(reference, (await _read(reference)).strip())


async def _read(reference: Reference) -> str:
    if isinstance(reference, CommandReference):
        return await _from_command(reference)
    kind, _, rest = reference.partition(":")
    if kind == "file":
        return await asyncio.to_thread(_from_file, Path(rest))
    value = os.environ.get(rest)
    if value is None:
        raise ConfigError(f"The environment variable {rest} is not set.", f"Set {rest}, then start again.")
    return value


def _remember(reference: Reference, value: str) -> SecretStr:
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


def _from_file(path: Path) -> str:
    # As bytes: reading it as text would turn a carriage return into a line feed.
    try:
        return _without_line_end(path.read_bytes().decode())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ConfigError(
            f"Can’t read the secret file {path}: {reason}.", "Check the path and its permissions."
        ) from None


async def _from_command(reference: CommandReference) -> str:
    shown = describe_reference(reference)
    try:
        program = Program(command=reference.command, env=reference.env)
        code, output, _ = await run_program(program, keeps_output=True)
    except (OSError, TimeoutError, TypeError):  # TypeError: a command without any word
        raise ConfigError(
            f"The secret {shown} can’t be run, or did not finish in time.", RUN_BY_HAND
        ) from None
    if code:
        raise ConfigError(f"The secret {shown} exited with {code}.", RUN_BY_HAND)
    try:
        return _without_line_end(output.decode())
    except UnicodeDecodeError:
        raise ConfigError(f"The secret {shown} did not print UTF-8 text.", RUN_BY_HAND) from None


def _without_line_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text


RUN_BY_HAND = "Run it by hand to see why. It gets only a few basic variables and those in its env list."

"""Programs that app.yaml names, run with a small environment: none of them gets the bot's tokens or keys."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import BaseModel, StringConstraints

from bot.domain.stored_values import FrozenModel

SECONDS = 20
"""Time limit of a program unless it has its own, by the machine's clock: it is not ours."""

_KEPT, _DROPPED = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL

PASSED_ON = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ"),
    *("LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES"),
)
"""The variables of the bot's environment that every program gets."""

VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class ProgramSettings(FrozenModel):
    """A section of app.yaml that may name a program. `env`: further variables that the program gets."""

    env: tuple[VariableName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A command, the names of further variables that it gets, variables of its own, and its time limit."""

    command: tuple[str, ...]
    env: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict, repr=False)
    seconds: float = SECONDS

    def environment(self) -> dict[str, str]:
        """Return the program's environment: `PASSED_ON`, `env` and `about`, as far as they are set."""
        kept = (*PASSED_ON, *self.env)
        return {name: os.environ[name] for name in kept if name in os.environ} | dict(self.about)


async def run_program(
    program: Program, text: str | None = None, *, keeps_output: bool = False, keeps_errors: bool = False
) -> tuple[int, bytes, bytes]:
    """Run a program with `text` on its input; return its exit code, and its output and what it complains of,
    unredacted, if those are kept.

    Without `text` it has the bot's own input. What it prints otherwise is dropped: it might repeat a secret.
    Raises OSError when it cannot be run, and TimeoutError after its time limit; it is killed then.
    """
    process = await asyncio.create_subprocess_exec(
        *program.command,
        stdin=None if text is None else _KEPT,
        stdout=_KEPT if keeps_output else _DROPPED,
        stderr=_KEPT if keeps_errors else _DROPPED,
        env=program.environment(),
    )
    try:
        async with asyncio.timeout(program.seconds):
            out, err = await process.communicate(None if text is None else text.encode())
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode or 0, out or b"", err or b""


def find_shared_secrets(settings: BaseModel) -> list[str]:
    """Return the variables that a program would get although a secret of the bot is in them."""
    parts = list(_walk(settings))
    secrets = [each.removeprefix("env:") for each in parts if isinstance(each, str) and each[:4] == "env:"]
    given = {name for each in parts if isinstance(each, ProgramSettings) for name in each.env}
    return sorted(name for name in given if any(fnmatchcase(name, secret) for secret in secrets))


def _walk(value: object) -> Iterator[object]:
    """Yield every section and every plain value in the settings."""
    left = [value]
    while left:
        each = left.pop()
        yield each
        if isinstance(each, BaseModel):
            left += (getattr(each, name) for name in type(each).model_fields)
        elif isinstance(each, dict):
            left += each.values()
        elif isinstance(each, tuple | list):
            left += each

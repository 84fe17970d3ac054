"""The company's place for passwords instead of the person: a program, or a folder of files."""

import asyncio
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import Field, model_validator

from bot.domain.errors import ConfigError
from bot.settings.child_process import SECONDS, Program, ProgramSettings, run_program
from bot.settings.sections import Word

MOST_LISTED = 100
"""References that a form offers."""


class HandoverSettings(ProgramSettings):
    """The `handover` section of app.yaml: one of the two.

    `command` reads the password on its input, one line, and finds what it is for in its environment:
    PGBOT_CHANGE, PGBOT_CLUSTER, PGBOT_CLUSTER_ID, PGBOT_USER, PGBOT_REQUESTER. It ends with 0 once the
    password is safe; it may be run twice for one change. `file` is a folder that gets a file each.
    """

    command: Annotated[tuple[Word, ...], Field(min_length=1)] | None = None
    file: Word | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "HandoverSettings":
        if (self.command is None) == (self.file is None):
            raise ValueError("set either command or file")
        return self

    @property
    def words(self) -> str:
        """Return it in words; of a program only the name, since arguments may hold secrets."""
        return f"the folder {self.file}" if self.command is None else f"the program {self.command[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLabel:
    """The purpose of a password. A program finds each field in its environment: PGBOT_CLUSTER_ID."""

    change: str
    cluster: str
    cluster_id: str
    user: str
    requester: str

    @property
    def file_name(self) -> str:
        """Return a name of its own for each change, in letters that every file system takes."""
        named = re.sub(r"[^A-Za-z0-9._-]+", "_", f"{self.cluster}-{self.user}").strip("._")[:100]
        return f"{named or 'user'}-{self.change}"


async def put_password(settings: HandoverSettings, label: PasswordLabel, password: str) -> None:
    """Hand a password over. Raises ConfigError, which never contains the password."""
    if settings.command is not None:
        about = {f"PGBOT_{name.upper()}": text for name, text in asdict(label).items()}
        await _run(Program(command=settings.command, env=settings.env, about=about), password)
        return
    try:
        await asyncio.to_thread(_write, Path(settings.file or ""), label.file_name, password)
    except OSError as error:
        raise ConfigError(
            f"Can’t write to the folder {settings.file}: {error.strerror}.",
            "Check handover in app.yaml.",
        ) from None


async def _run(program: Program, password: str) -> None:
    try:
        code, *_ = await run_program(program, f"{password}\n")
    except TimeoutError:
        raise _failed(program.command, f"did not finish within {SECONDS} s") from None
    except OSError as error:
        raise _failed(program.command, f"cannot be run: {error.strerror}") from None
    if code:
        raise _failed(program.command, f"exited with {code}")


def _failed(command: tuple[str, ...], how: str) -> ConfigError:
    return ConfigError(
        f"The program {command[0]} {how}.",
        "Check handover in app.yaml. The program gets only the variables listed in env.",
    )


def _write(folder: Path, name: str, password: str) -> None:
    """Write the file whole or not at all, for its owner only."""
    waiting = folder / f".{name}.part"
    write_private(waiting, f"{password}\n")
    waiting.replace(folder / name)


def write_private(path: Path, text: str) -> None:
    """Write a file that is on disk on return and readable by its owner only. Raises OSError."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def list_references(patterns: tuple[str, ...]) -> list[str]:
    """Return the references to secrets that exist and that app.yaml lets people name, at most 100.

    Reads names only, never a secret.
    """
    found = {f"env:{name}" for name in os.environ if is_allowed(f"env:{name}", patterns)}
    for pattern in patterns:
        kind, _, where = pattern.partition(":")
        if kind == "file":
            with suppress(OSError):
                inside = (f"file:{each}" for each in Path(where).parent.iterdir() if each.is_file())
                found.update(each for each in inside if is_allowed(each, patterns))
    return sorted(found)[:MOST_LISTED]


def is_allowed(reference: str, patterns: tuple[str, ...]) -> bool:
    """Return whether app.yaml lets people name this reference. In a path, * matches one file name."""
    kind, _, rest = reference.partition(":")
    if kind == "env":
        return any(fnmatchcase(reference, pattern) for pattern in patterns if pattern.startswith("env:"))
    if kind != "file":
        return False
    path = PurePosixPath(rest)
    for pattern in patterns:
        named, _, where = pattern.partition(":")
        folder, name = PurePosixPath(where).parent, PurePosixPath(where).name
        if named == "file" and path.parent == folder and path.name != ".." and fnmatchcase(path.name, name):
            return True
    return False

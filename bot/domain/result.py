"""The typed results of commands for programs: ids, units in the names, times in UTC. Light to import.

A result is a frozen dataclass. Its fields, and those of the records in it, are the keys of the JSON; within
one version of its schema they are only added to. `bot.domain.result_schema` has the JSON Schema.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from bot.domain.error_codes import ErrorCode, ExitCode

_CAPITAL = re.compile("(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """The result of a command. Its schema is called after its class: `pgbot/cluster-list/v1`."""

    version: ClassVar[int] = 1

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code of a program that ends with it, where everything could be read."""
        return ExitCode.OK

    @classmethod
    def schema_name(cls) -> str:
        """Return the name of the schema, version included."""
        return f"pgbot/{_CAPITAL.sub('-', cls.__name__).lower()}/v{cls.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Error(CommandResult):
    """Why a command did not do what it was asked to. `next_step` is empty where nothing helps."""

    code: ErrorCode
    message: str
    next_step: str

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code that belongs to the error."""
        return self.code.exit_code

"""The forms of an answer, and the typed results for programs: ids, units in the names, times in UTC.

A result is a frozen dataclass. Its fields, and those of the records in it, are the keys of the JSON; within
one version of its schema they are only added to. `bot.domain.reply_document` has the JSON Schema. This module
is light to import.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from bot.domain.error_codes import ErrorCode, ExitCode

_CAPITAL = re.compile("(?<=[a-z0-9])(?=[A-Z])")


class Output(StrEnum):
    """The forms of an answer. `TABLE` and `WIDE` are text for people, `SCREEN` is what the surface shows."""

    SCREEN = "screen"
    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"
    TSV = "tsv"
    ID = "id"
    NAME = "name"

    @property
    def is_for_programs(self) -> bool:
        """Return whether it is made from the result alone, and not from what people read."""
        return self not in {Output.SCREEN, Output.TABLE, Output.WIDE}

    @property
    def suffix(self) -> str:
        """Return the end of the name of a file with it."""
        return "txt" if self in {Output.ID, Output.NAME} else self.value


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
        return self.code.exit_code

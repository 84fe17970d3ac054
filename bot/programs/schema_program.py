"""`pgbot schema`: the JSON Schema of what a command returns to programs."""

import argparse
import json

from bot.changes.change_result import PlannedChange
from bot.commands.declaration import Registry
from bot.commands.parser import find_command
from bot.domain.error_codes import ExitCode
from bot.domain.result import CommandResult, Error
from bot.domain.result_schema import json_schema
from bot.programs.command_line import say
from bot.programs.kernel import registry

SHARED: dict[str, type[CommandResult]] = {"error": Error, "plan": PlannedChange}
"""Results that no command has for its own: of any that fails, and of a change with `--dry-run`."""


def run(args: argparse.Namespace) -> int:
    """Print one schema, or the names of all. Raises UnknownCommand."""
    commands, line = registry(), " ".join(args.words)
    if not line:
        say(*(f"{name}\t{kind.schema_name()}" for name, kind in list_results(commands).items()))
        return ExitCode.OK
    kind = SHARED.get(line) or find_command(line, commands).result
    say(json.dumps(json_schema(kind), indent=2))
    return ExitCode.OK


def list_results(commands: Registry) -> dict[str, type[CommandResult]]:
    """Return the type of the result of every command by its name, and the shared ones."""
    return {**{each.name: each.result for each in commands}, **SHARED}

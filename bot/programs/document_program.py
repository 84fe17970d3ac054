"""`pgbot manifest`, `pgbot schema` and `pgbot docs`: documents that are made of the commands."""

import argparse
import json
from pathlib import Path

from bot.changes.change_result import PlannedChange
from bot.commands.declaration import Registry
from bot.commands.parser import find_command
from bot.commands.reference_page import commands_page
from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError
from bot.domain.reply_document import json_schema
from bot.domain.result import CommandResult, Error
from bot.programs.kernel import registry
from bot.programs.scan_program import rules_document
from bot.programs.terminal_screen import say
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for, to_yaml

SHARED: dict[str, type[CommandResult]] = {"error": Error, "plan": PlannedChange}
"""Results that no command has for its own: of any that fails, and of a change with `--dry-run`."""


def print_manifest(args: argparse.Namespace) -> int:
    """Print the Slack app manifest. Raises ConfigError."""
    say(to_yaml(manifest_for(load_settings(args.config).settings, registry(), url=args.url)).rstrip())
    return ExitCode.OK


def print_schema(args: argparse.Namespace) -> int:
    """Print the JSON Schema of what a command returns to programs, or the names of all. Raises
    UnknownCommand."""
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


def write_pages(args: argparse.Namespace) -> int:
    """Write the pages of commands and rules, or compare them. Raises ConfigError."""
    commands = _is_up_to_date(args.out, commands_page(registry()), check=args.check)
    rules = _is_up_to_date(args.out.with_name("rules.md"), rules_document(), check=args.check)
    return ExitCode.OK if commands and rules else ExitCode.FAILED


def _is_up_to_date(path: Path, page: str, *, check: bool) -> bool:
    """Write the page, or with `check` only compare it with the file. Raises ConfigError."""
    try:
        if check:
            stale = page != (path.read_text(encoding="utf-8") if path.exists() else "")
            say(f"{path} is stale: run make docs." if stale else f"{path} is up to date.")
            return not stale
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigError(f"Can’t use {path}: {reason}.", "Choose another file with --out.") from None
    return True

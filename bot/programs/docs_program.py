"""`pgbot docs`: the generated pages of commands and rules."""

import argparse
from pathlib import Path

from bot.commands.reference_page import commands_page
from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError
from bot.programs.command_line import say
from bot.programs.kernel import registry
from bot.programs.scan_program import rules_document


async def run(args: argparse.Namespace) -> int:
    """Write the pages, or compare them. Raises ConfigError."""
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

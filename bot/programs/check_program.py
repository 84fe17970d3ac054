"""`pgbot check`: the results of every check, printed."""

import argparse
import json

from bot.programs.check import examine
from bot.programs.command_line import FAILED, OK, say
from bot.runtime.clock import SystemClock
from bot.settings.model import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `pgbot check`."""
    parser.set_defaults(program=run)
    parser.add_argument("--json", action="store_true", help="for machines")


async def run(args: argparse.Namespace) -> int:
    """Check, print the results, and return FAILED if one is wrong. Raises ConfigError."""
    findings = await examine(load_settings(args.config), SystemClock())
    if args.json:
        say(json.dumps([each.as_dict() for each in findings], indent=2, ensure_ascii=False))
    else:
        for each in findings:
            say(str(each))
    return OK if all(each.ok for each in findings) else FAILED

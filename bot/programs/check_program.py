"""`pgbot check`: the results of every check, printed.

It ends with 0 when nothing is wrong (hints and warnings aside), with 1 when something is or could not be
checked, and with 2 when app.yaml can't be read.
"""

import argparse
import json
from collections.abc import Sequence

from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError
from bot.programs.check import examine
from bot.programs.check_result import CheckResult, failed
from bot.programs.command_line import say
from bot.runtime.clock import SystemClock
from bot.settings.model import load_settings


async def run(args: argparse.Namespace) -> int:
    """Check, print the results, and return the exit code. Raises ConfigError where nothing is printed."""
    try:
        setup = load_settings(args.config)
    except ConfigError as error:
        if not args.json:
            raise
        _print([_refused(line, error.next_step) for line in error.sentence.splitlines()], as_json=True)
        return ExitCode.USAGE
    findings = await examine(setup, SystemClock(), post=args.post)
    _print(findings, as_json=args.json)
    return ExitCode.OK if all(each.ok for each in findings) else ExitCode.FAILED


def _refused(line: str, next_step: str) -> CheckResult:
    """Return one line about a file that was refused: `app.yaml line 7: slack.mode: …`."""
    place, _, what = line.partition(": ")
    return failed(what, next_step, place) if what else failed(line, next_step)


def _print(findings: Sequence[CheckResult], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps([each.as_dict() for each in findings], indent=2, ensure_ascii=False))
    else:
        for each in findings:
            say(str(each))

"""`pgbot takeover`: a person has this bot send in place of the one that holds the Slack app."""

import argparse

from bot.domain.errors import InputError
from bot.programs.command_line import say
from bot.programs.terminal_client import ask_serve
from bot.programs.terminal_protocol import TerminalRequest
from bot.settings.model import load_settings


def run(args: argparse.Namespace) -> int:
    """Have `serve` take over, and say from when on it sends.

    Raises ConfigError for a refusal, ServeIsAway and OutcomeIsUnknown.
    """
    if not args.reason.strip():
        raise InputError("The reason is empty.", "Give a reason with --reason.")
    answer = ask_serve(load_settings(args.config), TerminalRequest(takeover=args.reason.strip()))
    say(answer.text)
    return answer.exit_code

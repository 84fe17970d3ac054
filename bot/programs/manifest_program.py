"""`pgbot manifest`: the Slack app manifest, printed."""

import argparse

from bot.domain.error_codes import ExitCode
from bot.programs.command_line import say
from bot.programs.kernel import registry
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for, to_yaml


async def run(args: argparse.Namespace) -> int:
    """Print the manifest. Raises ConfigError."""
    say(to_yaml(manifest_for(load_settings(args.config).settings, registry(), url=args.url)).rstrip())
    return ExitCode.OK

"""`pgbot demo`: the bot with a simulated cloud and a simulated Slack, all in one process."""

import argparse
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from bot.demo.cloud.oddities import FLEETS
from bot.demo.console.guide import first_minute
from bot.demo.console.pages import ConsoleSetup
from bot.demo.environment import SETTINGS, DemoEnvironment, open_environment
from bot.demo.loopback_server import LOOPBACK
from bot.demo.tour import Tour
from bot.domain.error_codes import ExitCode
from bot.programs.kernel import registry
from bot.programs.serve import serving
from bot.programs.terminal_screen import say
from bot.runtime.background_tasks import stopped_by_signal
from bot.runtime.http_server import name_listen_errors
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for


async def run(args: argparse.Namespace) -> int:
    """Run the demo until a signal, or its tour to the end."""
    commands = registry()
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, commands)
    hints = tuple((example, each.summary) for each in commands for example in each.examples)
    guide = first_minute([" ".join(each.words) for each in commands])
    with tempfile.TemporaryDirectory(prefix="pgbot-demo-") as folder:
        console = ConsoleSetup(hints=hints, guide=guide, audit=Path(folder) / "pgbot.db", port=args.port)
        async with AsyncExitStack() as stack:
            stop = await stack.enter_async_context(stopped_by_signal())
            with name_listen_errors(LOOPBACK, args.port, "--port"):
                opening = open_environment(manifest, console=console, oddities=FLEETS[args.fleet])
                demo = await stack.enter_async_context(opening)
            environment = demo.environment(Path(folder))
            # The secrets are references into the process's own environment, as they are in production.
            os.environ.update(environment)
            async with serving(load_settings(environment=environment), demo.clock):
                if args.script:
                    await Tour(demo.slack_url, demo.clock, say).play()
                    say("\nThat was the tour. To try it in your browser, run make demo.")
                else:
                    say(*_welcome(demo))
                    await stop.wait()
    return ExitCode.OK


def _welcome(demo: DemoEnvironment) -> list[str]:
    return [
        f"Open {demo.slack_url}/ and follow the guide. Nothing leaves this machine.",
        f"The simulated cloud is at {demo.cloud_url}/. Press Ctrl-C to stop.",
    ]

"""`pgbot`: the programs around the bot. Everything else is a command, run with `pgbot run "…"`."""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from bot.commands.reference_page import commands_page
from bot.demo.cloud import server as cloud_server
from bot.demo.console.guide import first_minute
from bot.demo.environment import SETTINGS, ConsoleSetup, DemoEnvironment, open_environment
from bot.demo.loopback_server import LOOPBACK
from bot.demo.tour import Tour
from bot.demo.workspace import server as workspace_server
from bot.domain.errors import ConfigError
from bot.programs import audit_program as audit_programs
from bot.programs import readiness_program, scan_program, terminal_client
from bot.programs.check import examine
from bot.programs.command_line import FAILED, OK, add_program, open_parser, run_program, say
from bot.programs.serve import registry, serving, watched
from bot.runtime import logging
from bot.runtime.clock import SystemClock
from bot.runtime.http_server import name_listen_errors
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for, to_yaml


def main(argv: list[str] | None = None) -> int:
    """Run a program and return its exit code: 0 done, 1 failed, 2 wrong usage or settings.

    `serve` is ended with another one when its event loop stands still; see `bot.runtime.watchdog`.
    """
    args = _parser().parse_args(argv)
    logging.configure_logging(verbose=args.verbose)
    return run_program(args)


def _parser() -> argparse.ArgumentParser:
    parser, programs = open_parser()
    add_program(programs, "serve", _serve, "run the bot")
    check = add_program(
        programs, "check", _check, "validate settings, tokens, scopes, channels and reachability"
    )
    check.add_argument("--json", action="store_true", help="for machines")
    terminal_client.add_program(programs)
    manifest = add_program(programs, "manifest", _manifest, "print the Slack app manifest")
    manifest.add_argument("--url", help="where Slack reaches the bot, for HTTP mode: https://…/slack/events")
    docs = add_program(programs, "docs", _docs, "write docs/commands.md and rules.md")
    docs.add_argument(
        "--out", type=Path, default=Path("docs/commands.md"), help="rules.md is written beside it"
    )
    docs.add_argument("--check", action="store_true", help="only say whether it is stale")
    readiness = add_program(
        programs, "readiness", readiness_program.run, "say which v1 clusters are ready for v2"
    )
    readiness_program.add_arguments(readiness)
    scan = add_program(programs, "scan", scan_program.run, "find what still speaks v1 in files and folders")
    scan_program.add_arguments(scan)
    audit = programs.add_parser("audit", help="verify, export and back up the audit log")
    audit_programs.add_arguments(audit)
    _demo_programs(programs)
    return parser


def _demo_programs(programs: Any) -> None:
    words = "try the bot here, with a stand-in cloud and a stand-in Slack"
    demo = add_program(programs, "demo", _demo, words)
    demo.add_argument("--script", action="store_true", help="a scripted tour in the terminal, then end")
    demo.add_argument("--port", type=int, default=0, help="port of the page; 0 picks a free one")
    stand_ins = demo.add_subparsers(metavar="STAND-IN")
    cloud = stand_ins.add_parser("cloud", help="the stand-in IONOS cloud alone")
    cloud_server.add_arguments(cloud)
    cloud.set_defaults(program=cloud_server.run)
    workspace = stand_ins.add_parser("workspace", help="the stand-in Slack workspace alone")
    workspace_server.add_arguments(workspace)
    workspace.set_defaults(program=workspace_server.run)


async def _serve(args: argparse.Namespace) -> int:
    async with _stopped_by_signal() as stop:
        await _serve_until(stop, watched(load_settings(args.config)))
    return OK


async def _serve_until(stop: asyncio.Event, serving: AbstractAsyncContextManager[Any]) -> None:
    """Serve until `stop`, which also ends a start that hangs."""
    is_up = asyncio.Event()

    async def serve() -> None:
        async with serving:
            is_up.set()
            await stop.wait()

    work, stopped = asyncio.create_task(serve()), asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if stop.is_set() and not is_up.is_set():
        work.cancel()
        await asyncio.wait({work})
    if not work.cancelled():
        await work


async def _check(args: argparse.Namespace) -> int:
    findings = await examine(load_settings(args.config), SystemClock())
    if args.json:
        say(json.dumps([each.as_dict() for each in findings], indent=2, ensure_ascii=False))
    else:
        for each in findings:
            say(str(each))
    return OK if all(each.ok for each in findings) else FAILED


async def _manifest(args: argparse.Namespace) -> int:
    say(to_yaml(manifest_for(load_settings(args.config).settings, registry(), url=args.url)).rstrip())
    return OK


async def _docs(args: argparse.Namespace) -> int:
    commands = _is_up_to_date(args.out, commands_page(registry()), check=args.check)
    rules = _is_up_to_date(args.out.with_name("rules.md"), scan_program.rules_document(), check=args.check)
    return OK if commands and rules else FAILED


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
        raise ConfigError(f"{path} cannot be used: {reason}.", "Name another file with --out.") from None
    return True


async def _demo(args: argparse.Namespace) -> int:
    commands = registry()
    manifest = manifest_for(load_settings(SETTINGS, environment={}).settings, commands)
    hints = tuple((example, each.summary) for each in commands for example in each.examples)
    guide = first_minute([" ".join(each.words) for each in commands])
    with tempfile.TemporaryDirectory(prefix="pgbot-demo-") as folder:
        console = ConsoleSetup(hints=hints, guide=guide, audit=Path(folder) / "pgbot.db")
        async with AsyncExitStack() as stack:
            stop = await stack.enter_async_context(_stopped_by_signal())
            with name_listen_errors(LOOPBACK, args.port, "--port"):
                opening = open_environment(manifest, console=console, port=args.port)
                demo = await stack.enter_async_context(opening)
            environment = demo.environment(Path(folder))
            # The secrets are references into the process's own environment, as they are in production.
            os.environ.update(environment)
            async with serving(load_settings(environment=environment), demo.clock):
                if args.script:
                    await Tour(demo.slack_url, demo.clock, say).play()
                    say("\nThat was the tour. make demo opens the same in your browser.")
                else:
                    say(*_welcome(demo))
                    await stop.wait()
    return OK


def _welcome(demo: DemoEnvironment) -> list[str]:
    return [
        f"Open {demo.slack_url}/ and follow the first minute. Nothing here leaves this machine.",
        f"The stand-in cloud is at {demo.cloud_url}/. Stop with Ctrl-C.",
    ]


@asynccontextmanager
async def _stopped_by_signal() -> AsyncIterator[asyncio.Event]:
    """Provide an event that SIGTERM and SIGINT set, so that a stop is clean and the exit code 0."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


if __name__ == "__main__":
    sys.exit(main())

"""`pgbot`: the programs around the bot. Everything else is a command, run with `pgbot run "…"`."""

import argparse
import asyncio
import json
import os
import secrets
import shlex
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
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
from bot.domain.errors import ConfigError, PgbotError
from bot.domain.reply import File
from bot.domain.reply_text import render_plain, to_json
from bot.domain.request import Invocation
from bot.domain.text_safety import escape_invisible_line
from bot.programs import audit_program as audit_programs
from bot.programs import readiness_program, scan_program
from bot.programs.check import examine
from bot.programs.serve import open_kernel, registry, serving
from bot.programs.terminal_identity import os_user, terminal_actor
from bot.runtime import logging
from bot.runtime.clock import SystemClock
from bot.runtime.file_output import write_new_file
from bot.runtime.http_server import name_listen_errors
from bot.settings.model import load_settings
from bot.slack.manifest import manifest_for, to_yaml

OK, FAILED, USAGE = 0, 1, 2

Program = Callable[[argparse.Namespace], Coroutine[Any, Any, int] | int]
"""A program returns its exit code, or a coroutine that does."""


def main(argv: list[str] | None = None) -> int:
    """Run a program and return its exit code: 0 done, 1 failed, 2 wrong usage or settings."""
    args = _parser().parse_args(argv)
    logging.configure_logging(verbose=args.verbose)
    try:
        ended: Coroutine[Any, Any, int] | int = args.program(args)
        return ended if isinstance(ended, int) else asyncio.run(ended)
    except PgbotError as error:
        _say(error.sentence, error.next_step, to=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pgbot", description="Slack ChatOps for IONOS Cloud PostgreSQL.")
    parser.add_argument(
        "--config", type=Path, help="app.yaml; else PGBOT_CONFIG, else ./app.yaml if there is one"
    )
    parser.add_argument("--verbose", action="store_true", help="log more")
    programs = parser.add_subparsers(required=True, metavar="PROGRAM")
    _program(programs, "serve", _serve, "run the bot")
    check = _program(
        programs, "check", _check, "validate settings, tokens, scopes, channels and reachability"
    )
    check.add_argument("--json", action="store_true", help="for machines")
    run = _program(programs, "run", _run, 'run one command here: pgbot run "cluster list"')
    run.add_argument("--json", action="store_true", help="for machines; may also stand behind the command")
    run.add_argument("words", nargs=argparse.REMAINDER, help="the command, in quotes or not")
    manifest = _program(programs, "manifest", _manifest, "print the Slack app manifest")
    manifest.add_argument("--url", help="where Slack reaches the bot, for HTTP mode: https://…/slack/events")
    docs = _program(programs, "docs", _docs, "write docs/commands.md and rules.md")
    docs.add_argument(
        "--out", type=Path, default=Path("docs/commands.md"), help="rules.md is written beside it"
    )
    docs.add_argument("--check", action="store_true", help="only say whether it is stale")
    readiness = _program(
        programs, "readiness", readiness_program.run, "say which v1 clusters are ready for v2"
    )
    readiness_program.add_arguments(readiness)
    scan = _program(programs, "scan", scan_program.run, "find what still speaks v1 in files and folders")
    scan_program.add_arguments(scan)
    audit = programs.add_parser("audit", help="verify, export and back up the audit log")
    audit_programs.add_arguments(audit)
    _demo_programs(programs)
    return parser


def _program(programs: Any, name: str, program: Program, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = programs.add_parser(
        name, help=words, description=words.capitalize() + "."
    )
    parser.set_defaults(program=program)
    return parser


def _demo_programs(programs: Any) -> None:
    demo = _program(programs, "demo", _demo, "try the bot here, with a stand-in cloud and a stand-in Slack")
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
        await _serve_until(stop, serving(load_settings(args.config), SystemClock()))
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


async def _run(args: argparse.Namespace) -> int:
    clock = SystemClock()
    words = [word for word in args.words if word != "--json"]
    # The first word may be a line as typed in Slack; further ones are the shell's, and may hold blanks.
    text = " ".join([*words[:1], shlex.join(words[1:])]).strip()
    async with open_kernel(load_settings(args.config), clock) as kernel:
        invocation = Invocation(
            key=f"run:{secrets.token_hex(8)}",
            trace=secrets.token_hex(6),
            actor=await terminal_actor(kernel.setup.settings, os_user(), kernel.dispatcher.changes.rows),
            channel="",
            text=text,
            at=clock.now(),
            line="pgbot run",
        )
        reply = await kernel.dispatcher.dispatch(invocation, progress=readiness_program.say_on_terminal)
    as_json = args.json or "--json" in args.words
    # Names are untrusted: as escapes they cannot move the terminal's cursor or turn its text around.
    _say(json.dumps(to_json(reply), indent=2) if as_json else render_plain(reply).rstrip())
    if not as_json:  # JSON holds the files itself
        for part in reply.parts:
            if isinstance(part, File):
                _say(f"Written to {escape_invisible_line(str(write_new_file(part, Path.cwd())))}")
    return OK if reply.ok else FAILED


async def _check(args: argparse.Namespace) -> int:
    findings = await examine(load_settings(args.config), SystemClock())
    if args.json:
        _say(json.dumps([each.as_dict() for each in findings], indent=2, ensure_ascii=False))
    else:
        for each in findings:
            _say(str(each))
    return OK if all(each.ok for each in findings) else FAILED


async def _manifest(args: argparse.Namespace) -> int:
    _say(to_yaml(manifest_for(load_settings(args.config).settings, registry(), url=args.url)).rstrip())
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
            _say(f"{path} is stale: run make docs." if stale else f"{path} is up to date.")
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
                    await Tour(demo.slack_url, demo.clock, _say).play()
                    _say("\nThat was the tour. make demo opens the same in your browser.")
                else:
                    _say(*_welcome(demo))
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


def _say(*lines: str, to: Any = None) -> None:
    stream = to or sys.stdout
    stream.write("\n".join(lines).rstrip("\n") + "\n")
    stream.flush()  # whoever waits for the demo's address may be at the other end of a pipe


if __name__ == "__main__":
    sys.exit(main())

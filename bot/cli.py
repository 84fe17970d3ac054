"""`pgbot`: the programs around the bot. Everything else is a command, run with `pgbot run "…"`."""

import argparse
import asyncio
import getpass
import json
import os
import secrets
import shlex
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot import logs
from bot.app import open_kernel, registry, serving
from bot.check import examine
from bot.clock import SystemClock
from bot.config import load
from bot.demo.cloud import server as cloud_server
from bot.demo.stage import SETTINGS, Stage, open_stage
from bot.demo.tour import Tour
from bot.demo.workspace import server as workspace_server
from bot.docs import commands_page
from bot.domain import Actor, Invocation, Origin
from bot.errors import PgbotError
from bot.slack.manifest import manifest_for, to_yaml
from bot.text import plain, to_json

OK, FAILED, USAGE = 0, 1, 2

Program = Callable[[argparse.Namespace], Coroutine[Any, Any, int] | int]
"""What a program is: it returns its exit code, or a coroutine that does."""


def main(argv: list[str] | None = None) -> int:
    """Run a program and return its exit code: 0 done, 1 failed, 2 wrong usage or settings."""
    args = _parser().parse_args(argv)
    logs.configure(verbose=args.verbose)
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
    docs = _program(programs, "docs", _docs, "write docs/commands.md")
    docs.add_argument("--out", type=Path, default=Path("docs/commands.md"))
    docs.add_argument("--check", action="store_true", help="only say whether it is stale")
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
    async with _stopped_by_signal() as stop, serving(load(args.config), SystemClock()):
        await stop.wait()
    return OK


async def _run(args: argparse.Namespace) -> int:
    clock = SystemClock()
    words = [word for word in args.words if word != "--json"]
    # The first word may be a line as typed in Slack; further ones are the shell's, and may hold blanks.
    text = " ".join([*words[:1], shlex.join(words[1:])]).strip()
    async with open_kernel(load(args.config), clock) as kernel:
        user = getpass.getuser()
        invocation = Invocation(
            key=f"run:{secrets.token_hex(8)}",
            trace=secrets.token_hex(6),
            actor=Actor(origin=Origin.TERMINAL, id=user, name=user),
            channel="",
            text=text,
            at=clock.now(),
            line="pgbot run",
        )
        reply = await kernel.dispatcher.dispatch(invocation)
    as_json = args.json or "--json" in args.words
    # Names are untrusted: as escapes they cannot move the terminal's cursor or turn its text around.
    _say(json.dumps(to_json(reply), indent=2) if as_json else plain(reply).rstrip())
    return OK if reply.ok else FAILED


async def _check(args: argparse.Namespace) -> int:
    findings = await examine(load(args.config), SystemClock())
    if args.json:
        _say(json.dumps([each.as_dict() for each in findings], indent=2, ensure_ascii=False))
    else:
        for each in findings:
            _say(str(each))
    return OK if all(each.ok for each in findings) else FAILED


async def _manifest(args: argparse.Namespace) -> int:
    _say(to_yaml(manifest_for(load(args.config).settings, registry(), url=args.url)).rstrip())
    return OK


async def _docs(args: argparse.Namespace) -> int:
    page = commands_page(registry())
    current = args.out.read_text(encoding="utf-8") if args.out.exists() else ""
    if args.check:
        stale = page != current
        _say(f"{args.out} is stale: run make docs." if stale else f"{args.out} is up to date.")
        return FAILED if stale else OK
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(page, encoding="utf-8")
    return OK


async def _demo(args: argparse.Namespace) -> int:
    commands = registry()
    manifest = manifest_for(load(SETTINGS, environment={}).settings, commands)
    hints = tuple((example, each.summary) for each in commands for example in each.examples)
    with tempfile.TemporaryDirectory(prefix="pgbot-demo-") as folder:
        async with _stopped_by_signal() as stop, open_stage(manifest, hints=hints, port=args.port) as stage:
            environment = stage.environment(Path(folder))
            # The secrets are references into the process's own environment, as they are in production.
            os.environ.update(environment)
            async with serving(load(environment=environment), stage.clock):
                if args.script:
                    await Tour(stage.slack_url, stage.clock, _say).play()
                    _say("\nThat was the tour. make demo opens the same in your browser.")
                else:
                    _say(*_welcome(stage))
                    await stop.wait()
    return OK


def _welcome(stage: Stage) -> list[str]:
    return [
        f"Open {stage.slack_url}/ and type /pg help in #ops. Nothing here leaves this machine.",
        f"The stand-in cloud is at {stage.cloud_url}/. Stop with Ctrl-C.",
    ]


@asynccontextmanager
async def _stopped_by_signal() -> AsyncIterator[asyncio.Event]:
    """Set on SIGTERM and SIGINT, so that what is open is closed in order and the exit code is 0."""
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

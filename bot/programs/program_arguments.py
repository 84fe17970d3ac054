"""The arguments of every program, apart from the programs: help and wrong usage wait for nothing else.

Light to import. `tests/programs/test_program_arguments.py` holds the closed choices to those of the programs.
"""

import argparse
import gc
import importlib
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.programs.terminal_screen import declare_screen

Program = Callable[[argparse.Namespace], Coroutine[Any, Any, int] | int]
"""A program returns its exit code, or a coroutine that does."""

FLEETS = ("plain", "legacy", "odd")
"""The simulator's own list, which this file leaves unloaded: tests compare the two."""

OUTPUTS = ("table", "wide", "json", "yaml", "csv", "tsv", "id", "name")
FAIL_ON = ("blocker", "action", "advice", "never")
FAIL_ON_CLIENTS = ("still-on-v1", "not-known", "never")
READINESS_FORMATS = ("text", "json", "md", "csv", "sarif", "html")
SCAN_FORMATS = ("text", "json", "sarif")
SHELLS = ("bash", "zsh", "fish")
MAX_SECONDS = 86_400

_ID = re.compile(r"[0-9A-Fa-f-]{36}")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s)?")

_READINESS_EXIT_CODES = """exit codes:
  0  nothing at or above --fail-on, and no clients as in --fail-on-clients
  1  findings at or above --fail-on, or such clients, whether or not everything could be
     read
  2  wrong usage or settings, or the report could not be written
  3  no such finding, but something could not be read: an endpoint did not respond, an
     evidence file could not be used, or a rule that could have reached --fail-on was
     inconclusive; with --fail-on-clients still-on-v1, also if the clients of a cluster
     are not known
"""

_SCAN_EXIT_CODES = """exit codes:
  0  nothing at or above --fail-on
  1  hits at or above --fail-on, whether or not everything could be read
  2  wrong usage or settings, or the report could not be written
  3  no such hit, but something could not be read, or there was no file to read

With an IONOS token hits are attributed to clusters where their id or name stands there.
"""

_PRECHECK_EXIT_CODES = """exit codes:
  0  everything was read; with --compare: no difference
  1  with --compare: differences
  2  wrong usage, no psql, no connection, or the document could not be written
  3  something could not be read; the document and standard error say what

examples:
  pgbot precheck --dsn env:ORDERS_DSN --cluster 46c1… --out orders.json
  pgbot readiness --evidence orders.json
  pgbot precheck --after --dsn env:ORDERS_DSN --out before.json
  pgbot precheck --after --dsn env:ORDERS_V2_DSN --out after.json
  pgbot precheck --compare before.json after.json
"""


def import_heavy(name: str) -> ModuleType:
    """Import a module that loads many others."""
    gc.disable()  # what imports make stays; looking through it again and again takes a fifth of the start
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()


def _later(module: str, choose: Callable[[Any], Program] = lambda loaded: loaded.run) -> Program:
    """Return a program of a module, which is loaded when it runs."""

    def run(args: argparse.Namespace) -> Coroutine[Any, Any, int] | int:
        return choose(import_heavy(f"bot.{module}"))(args)

    return run


def _add_flag(parser: argparse.ArgumentParser, name: str, words: str) -> None:
    parser.add_argument(name, action="store_true", help=words)


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, help="output file; written completely or not at all")


def _add_epilog(parser: argparse.ArgumentParser, words: str) -> None:
    """Add lines at the end of the help, as they are."""
    parser.formatter_class, parser.epilog = argparse.RawDescriptionHelpFormatter, words


def _declare_serve(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.serve"))


def _declare_check(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.check_program"))
    _add_flag(parser, "--json", "print JSON")
    _add_flag(parser, "--post", "post a test card to each channel that the bot uses")


def _declare_run(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.terminal_client"))
    parser.add_argument(
        *("-o", "--output"),
        choices=OUTPUTS,
        default="screen",
        help="form of the answer; this and the next options also work within and after the command",
    )
    parser.add_argument("--json", action="store_const", const="json", dest="output", help="as -o json")
    parser.add_argument("--jq", default="", help="print what this jq filter makes of the JSON")
    _add_flag(parser, "--wait", "wait until the requested change has ended")
    parser.add_argument("--timeout", default="", help="with --wait: stop waiting after this time, such as 2h")
    declare_screen(parser)
    parser.add_argument("words", nargs=argparse.REMAINDER, help="the command, with or without quotes")


def _declare_schema(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.document_program", lambda loaded: loaded.print_schema))
    parser.add_argument(
        "words", nargs="*", metavar="COMMAND", help="the command; without one, all schemas are listed"
    )


def _declare_manifest(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.document_program", lambda loaded: loaded.print_manifest))
    parser.add_argument(
        "--url", help="for HTTP mode: the address where Slack reaches the bot, https://…/slack/events"
    )


def _declare_docs(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.document_program", lambda loaded: loaded.write_pages))
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("docs/commands.md"),
        help="file to write; rules.md goes to the same folder",
    )
    _add_flag(parser, "--check", "only check whether the pages are up to date")


def _declare_readiness(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.readiness_program"))
    _add_epilog(parser, _READINESS_EXIT_CODES)
    parser.add_argument("--format", choices=READINESS_FORMATS, default="text")
    _add_out(parser)
    parser.add_argument("--fail-on", choices=FAIL_ON, default="blocker", help="default: blocker")
    parser.add_argument(
        "--fail-on-clients",
        choices=FAIL_ON_CLIENTS,
        default="never",
        help="default: never; not-known is stricter",
    )
    parser.add_argument(
        "--evidence",
        action="append",
        default=[],
        metavar="PATH",
        help="a file, folder or glob of documents from pgbot scan and precheck; may be repeated",
    )
    _add_flag(parser, "--reproducible", "omit times, so the same fleet gives the same bytes")
    declare_screen(parser)


def _declare_scan(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.scan_program"))
    _add_epilog(parser, _SCAN_EXIT_CODES)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files and folders")
    parser.add_argument("--format", choices=SCAN_FORMATS, default="text")
    _add_out(parser)
    parser.add_argument("--fail-on", choices=FAIL_ON, default="action", help="default: action")
    _add_flag(parser, "--reproducible", "omit the time, so the same files give the same bytes")
    declare_screen(parser)


def _declare_precheck(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.precheck_program"))
    _add_epilog(parser, _PRECHECK_EXIT_CODES)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument(
        "--dsn",
        help=(
            "connection to one database: env:NAME, file:PATH, or a URL or pairs without a password; "
            "pgbot finds the other databases"
        ),
    )
    task.add_argument("--sql", action="store_true", help="print the SQL, to run it with psql elsewhere")
    task.add_argument(
        "--compare",
        nargs=2,
        type=Path,
        metavar=("BEFORE", "AFTER"),
        help="list the differences between two documents",
    )
    _add_flag(parser, "--after", "read what --compare needs: rows, sequences, roles, grants, settings")
    parser.add_argument("--cluster", type=_cluster_id, metavar="ID", help="id of the cluster")
    _add_out(parser)
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=60,
        metavar="SECONDS",
        help="time limit for each database; default: 60",
    )


def _cluster_id(given: str) -> str:
    if not _ID.fullmatch(given):
        raise argparse.ArgumentTypeError(f"“{given}” is not a cluster id; see cluster list")
    return given.lower()


def _seconds(given: str) -> int:
    if not given.isdecimal() or not 1 <= int(given) <= MAX_SECONDS:
        raise argparse.ArgumentTypeError(f"“{given}” is not a number of seconds from 1 to {MAX_SECONDS}")
    return int(given)


def _declare_audit(parser: argparse.ArgumentParser) -> None:
    programs = parser.add_subparsers(required=True, metavar="AUDIT-PROGRAM")
    _verify_arguments(_add_program(programs, "verify", "check that the audit log is intact"))
    _export_arguments(_add_program(programs, "export", "export the audit log as JSON lines or CSV"))
    backup = _add_program(programs, "backup", "copy the database; works while the bot runs")
    backup.set_defaults(program=_later("programs.own_files_program", lambda loaded: loaded.back_up_log))
    backup.add_argument("file", type=Path, help="file name of the copy")
    accept = _add_program(programs, "accept", "accept an audit log that was changed")
    accept.set_defaults(program=_later("programs.accept_program", lambda loaded: loaded.accept))
    accept.add_argument("--reason", required=True, help="why you accept it; stored in the audit log")
    rotate = _add_program(programs, "rotate", "start a new audit log file; stop the bot first")
    rotate.set_defaults(program=_later("programs.own_files_program", lambda loaded: loaded.rotate_log))


def _add_program(programs: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = programs.add_parser(
        name, help=words, description=f"{words.capitalize()}."
    )
    return parser


def _verify_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.own_files_program", lambda loaded: loaded.verify_log))
    parser.epilog = "Exit codes: 0 the audit log is intact, 1 it is broken, 2 it could not be read."
    parser.add_argument(
        "--db",
        type=Path,
        action="append",
        help="the database or a copy; repeat it for older and newer files",
    )
    parser.add_argument(
        "--anchors",
        type=Path,
        help="a file of anchors, or messages copied from Slack (default: the configured file)",
    )
    parser.add_argument(
        "--key", type=_reference, help="the key, as env:NAME or file:PATH (default: audit.key in app.yaml)"
    )
    _add_flag(parser, "--json", "print JSON")


def _reference(text: str) -> str:
    kind, _, rest = text.partition(":")
    if kind not in {"env", "file"} or not rest:
        # What was typed may be the key itself, so it is not said again.
        raise argparse.ArgumentTypeError("use env:NAME or file:PATH, never the key itself")
    return text


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.own_files_program", lambda loaded: loaded.export_log))
    parser.add_argument("--db", type=Path, help="the database or a copy (default: the bot's own)")
    parser.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    parser.add_argument("--since", type=int, default=1, metavar="SEQ", help="start at this row")
    parser.add_argument("--out", type=Path, help="output file (default: standard output)")
    _add_flag(parser, "--follow", "keep running and add new rows; with --out, continue after its last row")
    _add_flag(parser, "--metadata", "print the table descriptions for datasette and sqlite-utils instead")


def _declare_data(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "These are the bot's own files. To restore a cluster, use “/pg restore”."
    programs = parser.add_subparsers(required=True, metavar="DATA-PROGRAM")
    backup = programs.add_parser("backup", help="copy the bot's files; works while the bot runs")
    backup.set_defaults(program=_later("programs.own_files_program", lambda loaded: loaded.back_up_files))
    backup.add_argument("folder", type=Path, help="name of the folder to create")
    restore = programs.add_parser("restore", help="replace the bot's files with a backup")
    restore.set_defaults(program=_later("programs.own_files_program", lambda loaded: loaded.restore_files))
    restore.add_argument("folder", type=Path, help="folder that “pgbot data backup” created")
    _add_flag(restore, "--check", "only check the backup")


def _declare_recover(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Stop pgbot serve first. Run this with --dry-run, check the result, then run it with --reason."
    )
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument(
        "--dry-run", action="store_true", help="only show what is lost and which changes would end"
    )
    choice.add_argument("--reason", help="why you continue from here; stored in the audit log")
    parser.set_defaults(program=_later("programs.accept_program", lambda loaded: loaded.recover))


def _declare_takeover(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Run this on the machine of the bot that should continue. Stop the other bot if you can."
    parser.add_argument("--reason", required=True, help="why this bot should send; stored in the audit log")
    parser.set_defaults(program=_later("programs.terminal_client", lambda loaded: loaded.take_over))


def _declare_completion(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.completion_program"))
    _add_epilog(
        parser,
        'bash: eval "$(pgbot completion bash)" in ~/.bashrc\n'
        'zsh:  eval "$(pgbot completion zsh)" in ~/.zshrc, after compinit\n'
        "fish: pgbot completion fish > ~/.config/fish/completions/pgbot.fish",
    )
    parser.add_argument(
        "shell", choices=(*SHELLS, "words"), help="your shell (the completion script uses “words”)"
    )
    parser.add_argument("words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def _declare_demo(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(program=_later("programs.demo_program"))
    _add_flag(parser, "--script", "show a scripted tour in the terminal, then exit")
    parser.add_argument("--port", type=int, default=0, help="port of the page; 0 picks a free port")
    _add_fleet(parser)
    parser.set_defaults(fleet="odd")
    simulators = parser.add_subparsers(metavar="SIMULATOR")
    cloud = simulators.add_parser("cloud", help="run only the simulated IONOS cloud")
    cloud.set_defaults(program=_later("demo.cloud.app"))
    declare_cloud(cloud)
    workspace = simulators.add_parser("workspace", help="run only the simulated Slack workspace")
    workspace.set_defaults(program=_later("demo.workspace.server"))
    declare_workspace(workspace)


def declare_cloud(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--clusters", type=_positive, default=44, help="number of clusters (default: 44)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random fleet (default: 1)")
    parser.add_argument("--latency", type=_duration, default=0.0, help="delay of each response, such as 50ms")
    _add_fleet(parser)


def _add_fleet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fleet",
        choices=FLEETS,
        # Otherwise the default of “demo cloud” would replace what stands before “cloud”.
        default=argparse.SUPPRESS,
        help="clusters of the simulated cloud: “plain” can be read by every official client, “legacy” adds "
        "shapes of old clusters, “odd” adds everything else that is documented (default: odd)",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _duration(text: str) -> float:
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError("must be a duration such as 50ms or 0.2s")
    return float(match[1]) / (1000 if match[2] == "ms" else 1)


def declare_workspace(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Bot token xoxb-demo, app token xapp-demo, signing secret demo-signing-secret. To act as a "
        "person, use /_workspace/ (see bot/demo/workspace/operator.py)."
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--manifest", type=Path, help="app manifest, JSON or YAML (default: every scope)")
    parser.add_argument(
        "--request-url", help="deliver by signed HTTP to this loopback address instead of Socket Mode"
    )
    _add_flag(parser, "--no-rate-limits", "turn off rate limits")


PROGRAMS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "serve": ("run the bot", _declare_serve),
    "check": ("check settings, tokens, scopes, channels and connections", _declare_check),
    "run": ('run one command: pgbot run "cluster list"', _declare_run),
    "schema": ("print the JSON Schema of what a command returns to programs", _declare_schema),
    "manifest": ("print the Slack app manifest", _declare_manifest),
    "docs": ("write docs/commands.md and docs/rules.md", _declare_docs),
    "readiness": ("check which v1 clusters are ready for v2", _declare_readiness),
    "scan": ("find code that still calls v1", _declare_scan),
    "precheck": ("check a cluster's databases before and after the move", _declare_precheck),
    "audit": ("verify, export and back up the audit log", _declare_audit),
    "data": ("back up and restore the bot's own files", _declare_data),
    "recover": ("continue with older data, after showing what is lost", _declare_recover),
    "takeover": ("let this bot send instead of the bot that holds the Slack app", _declare_takeover),
    "completion": ("print the script for Tab completion in your shell", _declare_completion),
    "demo": ("try the bot on this machine, with a simulated cloud and a simulated Slack", _declare_demo),
}
"""The summary of each program, and what declares its arguments. Only the module of the one that runs is
loaded, for speed."""

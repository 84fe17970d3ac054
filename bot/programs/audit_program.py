"""`pgbot audit`: verify, export, back up and rotate the log from outside the bot, or check a copy."""

import argparse
import asyncio
import importlib
import json
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.audit.anchor_places import AnchorFinding, read_anchors
from bot.audit.backup import back_up
from bot.audit.export import METADATA, Export, continued, made_new, to_disk
from bot.audit.hash_chain import Anchor, anchors_in, anchors_in_force
from bot.audit.log import audit_key
from bot.audit.rotate import rotate
from bot.audit.verify import facts, verify, words
from bot.domain.error_codes import ExitCode
from bot.domain.errors import StoreError
from bot.programs.command_line import say
from bot.programs.terminal_client import ask_serve
from bot.programs.terminal_identity import name_own_user
from bot.programs.terminal_protocol import Reading, ServeIsAway, TerminalRequest
from bot.runtime.clock import SystemClock
from bot.settings.model import load_settings


async def verify_log(args: argparse.Namespace) -> int:
    """Verify the log or copies of it. Raises StoreError and ConfigError, as all programs here do."""
    setup = load_settings(args.config)
    places: list[AnchorFinding] = []
    if args.anchors is not None:
        anchors = _read_anchors(args.anchors)
    elif args.db is not None:
        # The anchors configured here may be those of another log.
        anchors = ()
    else:
        # Loaded here, as it brings all of Slack.
        anchoring = importlib.import_module("bot.programs.outside_places")
        async with anchoring.open_anchor_places(setup.settings, SystemClock()) as sinks:
            places = await read_anchors(sinks)
        anchors = tuple(anchor for place in places for anchor in place.anchors)
    key = await audit_key(args.key or setup.settings.audit.key)
    verdict = await asyncio.to_thread(verify, args.db or [setup.database], key, anchors)
    unread = [place.words for place in places if not place.anchors]
    if args.json:
        say(json.dumps(facts(verdict) | {"anchors_not_read": unread}, indent=2))
    else:
        say(words(verdict), *unread)
    return ExitCode.FAILED if verdict.bad else ExitCode.OK


def _read_anchors(path: Path) -> tuple[Anchor, ...]:
    try:
        return anchors_in_force(anchors_in(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"Can’t read {path}: {error}.", "Give the anchors with --anchors FILE.") from None


async def export_log(args: argparse.Namespace) -> int:
    """Export the log, or print what its columns mean."""
    if args.metadata:
        say(json.dumps(METADATA, indent=2))
        return ExitCode.OK
    source = args.db if _is_elsewhere(args) else await record_reading(args, "audit export")
    export = Export(source=source, form=args.format, since=args.since)
    if not args.follow:
        with made_new(args.out) as out:
            await asyncio.to_thread(export.write, out)
    elif args.out is None:
        await _until_stopped(export.follow(sys.stdout, 0, SystemClock(), lambda: None))
    else:
        with continued(args.out, args.format) as (out, last):
            await _until_stopped(export.follow(out, last, SystemClock(), to_disk(out)))
    return ExitCode.OK


def _is_elsewhere(args: argparse.Namespace) -> bool:
    """Return whether `--db` names another file than the bot's own log, whose readers are recorded in it."""
    own = load_settings(args.config).database
    return args.db is not None and not (own.exists() and args.db.exists() and own.samefile(args.db))


async def back_up_log(args: argparse.Namespace) -> int:
    """Copy the database, and verify the copy."""
    source = await record_reading(args, "audit backup")
    await asyncio.to_thread(back_up, source, args.file)
    key = await audit_key(load_settings(args.config).settings.audit.key)
    verdict = await asyncio.to_thread(verify, [args.file], key)
    say(words(verdict))
    return ExitCode.FAILED if verdict.bad else ExitCode.OK


async def rotate_log(args: argparse.Namespace) -> int:
    """Begin another file of the log."""
    setup = load_settings(args.config)
    key = await audit_key(setup.settings.audit.key)
    old = await asyncio.to_thread(rotate, setup.database, key, SystemClock().now(), name_own_user())
    say(f"The audit log continues in {setup.data / 'pgbot.db'}. Earlier entries are in {old}.")
    return ExitCode.OK


async def record_reading(args: argparse.Namespace, program: Reading) -> Path:
    """Return the bot's own database, after `serve` has recorded in it that it is about to be read.

    Only `serve` writes it: where none runs, nothing is recorded. Raises StoreError.
    """
    setup = load_settings(args.config)
    if not setup.database.exists():
        raise StoreError(
            f"No audit log found at {setup.database}.", "Give the file with --db, or set PGBOT_DATA."
        )
    try:
        await asyncio.to_thread(ask_serve, setup, TerminalRequest(reading=program))
    except ServeIsAway as away:
        sys.stderr.write(f"{away.sentence} This access is not recorded in the audit log.\n")
    return setup.database


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Run the work until SIGTERM or SIGINT ends it cleanly."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task

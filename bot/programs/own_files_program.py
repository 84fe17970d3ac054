"""`pgbot audit` and `pgbot data`: the bot's own files, from outside the bot.

The log is verified, exported, backed up and rotated; both files are backed up and restored. A cluster is
restored with `/pg restore`.
"""

import argparse
import asyncio
import importlib
import json
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.audit.anchor_places import AnchorFinding, read_anchors
from bot.audit.backup import ROWS, back_up, back_up_data, check_backup, prepare_restore, put_in_place
from bot.audit.export import METADATA, Export, continued, made_new, to_disk
from bot.audit.hash_chain import Anchor, anchors_in, anchors_in_force
from bot.audit.lineage_store import ENGINE, DecisionCut, EngineAnchor, LineageRows
from bot.audit.log import AuditLog, audit_key
from bot.audit.rotate import rotate
from bot.audit.verify import facts, verify, words
from bot.domain.error_codes import ExitCode
from bot.domain.errors import StoreError
from bot.programs.terminal_client import ask_serve
from bot.programs.terminal_identity import name_own_user
from bot.programs.terminal_protocol import Reading, ServeIsAway, TerminalRequest
from bot.programs.terminal_screen import say
from bot.runtime.clock import SystemClock
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.instance_lock import lock_database
from bot.settings.model import Setup, load_settings

MINUTE = "%Y-%m-%d %H:%M UTC"


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
    source = await record_reading(args, "audit backup")
    await asyncio.to_thread(back_up, source, args.file)
    key = await audit_key(load_settings(args.config).settings.audit.key)
    verdict = await asyncio.to_thread(verify, [args.file], key)
    say(words(verdict))
    return ExitCode.FAILED if verdict.bad else ExitCode.OK


async def rotate_log(args: argparse.Namespace) -> int:
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


async def back_up_files(args: argparse.Namespace) -> int:
    """Copy the bot's files. Raises StoreError and ConfigError."""
    setup = load_settings(args.config)
    await record_reading(args, "data backup")
    at = SystemClock().now()
    anchor = await asyncio.to_thread(back_up_data, setup.data, args.folder, at)
    code = await _say_checked(setup, args.folder)
    say(
        f"{args.folder} contains everything up to row {anchor.seq} of {at:{MINUTE}}. Always move the "
        "whole folder."
    )
    return code


async def _say_checked(setup: Setup, folder: Path) -> int:
    note, verdict = await asyncio.to_thread(check_backup, folder, await audit_key(setup.settings.audit.key))
    say(f"Backup of {note.at} by pgbot {note.release}: both files are intact.", words(verdict))
    return ExitCode.FAILED if verdict.bad else ExitCode.OK


async def restore_files(args: argparse.Namespace) -> int:
    """Put a copy in the place of the bot's files. Raises StoreError and ConfigError."""
    setup, at = load_settings(args.config), SystemClock().now()
    code = await _say_checked(setup, args.folder)
    if args.check or code != ExitCode.OK:
        return code
    lock = lock_database(setup.database)
    try:
        newer, aside = await _put_back(setup, args.folder, at)
    finally:
        lock.release()
    say(f"Restored from {args.folder}. The previous files are in {aside}.")
    if newer is not None:
        say(
            f"They were newer, up to row {newer.seq} of {newer.at:{MINUTE}}. pgbot serve only reads "
            "until you run “pgbot recover”. “pgbot recover --dry-run” shows what is lost."
        )
    else:
        say("Start pgbot serve. Changes approved in the backup need a new approval before they are sent.")
    return ExitCode.OK


async def _put_back(setup: Setup, folder: Path, at: datetime) -> tuple[Anchor | None, Path]:
    """Restore, and return the anchor of newer data, if there were any, and where the old files are."""
    staging, aside = setup.data / ".restore", setup.data / f"before-restore-{at:%Y%m%dT%H%M%SZ}"
    await asyncio.to_thread(prepare_restore, folder, staging)
    newest = await _cut_decisions(staging, await audit_key(setup.settings.audit.key), folder, at)
    newer = await _newer_anchor(setup.data, newest)
    await EngineAnchor(staging / ENGINE).put(newer or newest)
    await asyncio.to_thread(put_in_place, staging, setup.data, aside)
    return newer, aside


async def _cut_decisions(staging: Path, key: bytes | None, folder: Path, at: datetime) -> Anchor:
    """Let no decision of the backup send anything, with an audit row; return the anchor of that row."""
    database = SqliteDatabase(staging / ROWS)
    await database.open()
    try:
        rows = LineageRows(database, AuditLog(database, key))
        why = f"the data were restored from {folder.name}"
        await rows.cut(DecisionCut(at=at, why=why), actor=name_own_user())
        anchor = await rows.make_anchor(at)
    finally:
        await database.close()
    assert anchor is not None  # noqa: S101 - the row was just written
    return anchor


async def _newer_anchor(data: Path, newest: Anchor) -> Anchor | None:
    """Return the anchor of the data that are replaced, if the restored ones do not contain them."""
    try:
        kept = await EngineAnchor(data / ENGINE).read()
    except StoreError:
        return None
    return next((each for each in kept if each.seq >= newest.seq), None)

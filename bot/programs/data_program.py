"""`pgbot data`: back up and restore the bot's own files. A cluster is restored with `/pg restore`."""

import argparse
import asyncio
from datetime import datetime
from pathlib import Path

from bot.audit.backup import ROWS, back_up_data, check_backup, prepare_restore, put_in_place
from bot.audit.hash_chain import Anchor
from bot.audit.lineage_store import ENGINE, DecisionCut, EngineAnchor, LineageRows
from bot.audit.log import AuditLog, audit_key
from bot.audit.verify import words
from bot.domain.error_codes import ExitCode
from bot.domain.errors import StoreError
from bot.programs.audit_program import record_reading
from bot.programs.command_line import say
from bot.programs.terminal_identity import name_own_user
from bot.runtime.clock import SystemClock
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.instance_lock import lock_database
from bot.settings.model import Setup, load_settings

MINUTE = "%Y-%m-%d %H:%M UTC"


async def back_up(args: argparse.Namespace) -> int:
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


async def restore(args: argparse.Namespace) -> int:
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

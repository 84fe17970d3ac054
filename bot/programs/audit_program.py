"""`pgbot audit`: verify, accept, export, back up and rotate the log from outside the bot, or check a copy."""

import argparse
import asyncio
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.audit.anchor import Anchor, anchors_in, anchors_in_force
from bot.audit.anchor_check import AnchorFinding, read_anchors
from bot.audit.backup import back_up
from bot.audit.chain_key import audit_key
from bot.audit.datasette_metadata import METADATA
from bot.audit.export import Export, continued, made_new, to_disk
from bot.audit.rotate import rotate
from bot.audit.verify import facts, verify, words
from bot.domain.errors import StoreError
from bot.domain.request import Origin
from bot.programs.terminal_client import ask_serve
from bot.programs.terminal_identity import os_user
from bot.programs.terminal_protocol import Reading, ServeIsAway, TerminalRequest
from bot.runtime.clock import SystemClock
from bot.settings.model import load_settings

WHOLE, BROKEN = 0, 1

Program = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


async def run(args: argparse.Namespace) -> int:
    """Run one of the programs of `pgbot audit`. Raises StoreError and ConfigError."""
    return await _PROGRAMS[args.audit_program](args)


async def _verify(args: argparse.Namespace) -> int:
    setup = load_settings(args.config)
    places: list[AnchorFinding] = []
    if args.anchors is not None:
        anchors = _read_anchors(args.anchors)
    elif args.db is not None:
        # The anchors configured here may be those of another log.
        anchors = ()
    else:
        # Loaded here, as it brings all of Slack.
        anchoring = importlib.import_module("bot.programs.anchoring")
        async with anchoring.open_anchor_places(setup.settings, SystemClock()) as sinks:
            places = await read_anchors(sinks)
        anchors = tuple(anchor for place in places for anchor in place.anchors)
    key = await audit_key(args.key or setup.settings.audit.key)
    verdict = await asyncio.to_thread(verify, args.db or [setup.database], key, anchors)
    unread = [place.words for place in places if not place.anchors]
    if args.json:
        _print(json.dumps(facts(verdict) | {"anchors_not_read": unread}, indent=2))
    else:
        _print("\n".join([words(verdict), *unread]))
    return BROKEN if verdict.bad else WHOLE


def _read_anchors(path: Path) -> tuple[Anchor, ...]:
    try:
        return anchors_in_force(anchors_in(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"Can’t read {path}: {error}.", "Give the anchors with --anchors FILE.") from None


async def _export(args: argparse.Namespace) -> int:
    if args.metadata:
        _print(json.dumps(METADATA, indent=2))
        return WHOLE
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
    return WHOLE


def _is_elsewhere(args: argparse.Namespace) -> bool:
    """Return whether `--db` names another file than the bot's own log, whose readers are recorded in it."""
    own = load_settings(args.config).database
    return args.db is not None and not (own.exists() and args.db.exists() and own.samefile(args.db))


async def _backup(args: argparse.Namespace) -> int:
    source = await record_reading(args, "audit backup")
    await asyncio.to_thread(back_up, source, args.file)
    verdict = await asyncio.to_thread(
        verify, [args.file], await audit_key(load_settings(args.config).settings.audit.key)
    )
    _print(words(verdict))
    return BROKEN if verdict.bad else WHOLE


async def _rotate(args: argparse.Namespace) -> int:
    setup = load_settings(args.config)
    key = await audit_key(setup.settings.audit.key)
    actor = f"{Origin.TERMINAL}:{os_user(os.getuid())}"
    old = await asyncio.to_thread(rotate, setup.database, key, SystemClock().now(), actor)
    _print(f"The audit log continues in {setup.data / 'pgbot.db'}. Earlier entries are in {old}.")
    return WHOLE


async def _accept(args: argparse.Namespace) -> int:
    code: int = await importlib.import_module("bot.programs.accept_program").run(args)
    return code


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


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


_PROGRAMS: dict[str, Program] = {
    "verify": _verify,
    "export": _export,
    "backup": _backup,
    "accept": _accept,
    "rotate": _rotate,
}

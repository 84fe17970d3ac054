"""`pgbot audit accept`: a person accepts a log that is not as it was written or anchored."""

import argparse
import os
from collections.abc import Sequence
from contextlib import suppress

from bot.audit.acceptance import accept_log, put_everywhere
from bot.audit.anchor_check import check_anchors
from bot.audit.anchor_job import AnchorSink
from bot.audit.chain_key import audit_key
from bot.audit.log import AuditLog
from bot.changes.record import OPEN
from bot.changes.store import ChangeRows
from bot.changes.transitions import end_unsent
from bot.domain.errors import ConfigError, StoreError, UnprovenChange
from bot.domain.request import Origin
from bot.programs.anchoring import open_anchor_places
from bot.programs.command_line import FAILED, OK, say
from bot.programs.terminal_identity import os_user
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.database.database import SqliteDatabase
from bot.settings.model import load_settings


async def run(args: argparse.Namespace) -> int:
    """Accept the log as it is, and return FAILED where a place did not take the new anchor.

    Raises ConfigError while the bot runs, and StoreError.
    """
    setup, clock = load_settings(args.config), SystemClock()
    if not setup.database.exists():
        raise StoreError(f"There is no audit log at {setup.database}.", "Set PGBOT_DATA.")
    key = await audit_key(setup.settings.audit.key)
    database = SqliteDatabase(setup.database)
    await database.open()
    try:
        async with open_anchor_places(setup.settings, clock) as sinks:
            audit = AuditLog(database, key)
            wrong = await _find_wrong(audit, sinks)
            if not wrong:
                say("The log is as it was written and anchored: there is nothing to accept.")
                return OK
            say(*wrong)
            actor = f"{Origin.TERMINAL}:{os_user(os.getuid())}"
            anchor = await accept_log(audit, actor, " ".join(wrong), args.reason, clock.now())
            failed = await put_everywhere(sinks, anchor)
            await _end_unsent(database, key, actor, clock)
    finally:
        await database.close()
    say(f"Accepted in row {anchor.seq}: “{args.reason}”, by {actor}. Everything after it is proven again.")
    for place, why in failed:
        say(f"{place} did not take the new anchor ({why}): run this again, or serve only reads.")
    return FAILED if failed else OK


async def _find_wrong(audit: AuditLog, sinks: Sequence[AnchorSink]) -> list[str]:
    """Return what a person would accept, in sentences. Raises ConfigError where only the key is missing."""
    await audit.catch_up()
    log = audit.verified
    if log.is_without_key:
        raise ConfigError("The log was written with a key, and audit.key is not set.", "Set it.")
    found = [f"{log.doubt[:1].upper()}{log.doubt[1:]}."] if log.doubt else []
    found += [each.words for each in await check_anchors(audit, sinks) if each.contradicts]
    return found + [f"{each.change} was stopped: {each.why}." for each in log.alarms]


async def _end_unsent(database: SqliteDatabase, key: bytes | None, actor: str, clock: Clock) -> None:
    """End what was not sent: the log may have been put back to before it was carried out."""
    # Verified from the row of the acceptance on, unlike the log as it was opened.
    rows = ChangeRows(database, AuditLog(database, key))
    why = "Somebody went on with an audit log that is not as it was written. Ask for it again"
    for record in await rows.in_states(OPEN):
        with suppress(UnprovenChange):
            await rows.step(record.id, lambda now: end_unsent(now, clock.now(), actor, why))

"""`pgbot audit accept` and `pgbot recover`: a person goes on with data that are not as they were."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.audit.anchor_places import AnchorFinding, AnchorSink, check_anchors, put_everywhere
from bot.audit.lineage_store import DataAnchor
from bot.audit.log import AuditLog, audit_key
from bot.changes.record import OPEN
from bot.changes.store import ChangeRows
from bot.changes.transitions import end_unsent
from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError, InputError, StoreError, UnprovenChange
from bot.domain.phrases import format_count
from bot.programs.outside_places import open_every_place
from bot.programs.terminal_identity import name_own_user
from bot.programs.terminal_screen import say
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.sqlite import copy_file, lacks_wal, open_for_reading
from bot.runtime.instance_lock import lock_database
from bot.settings.model import load_settings

MINUTE = "%Y-%m-%d %H:%M UTC"
WHY = (
    "The bot continued with older data, and this change may have run already. Check the cluster, then "
    "request it again"
)


@dataclass(frozen=True, slots=True)
class StoppedData:
    """The data of a bot that is stopped, and all places with anchors of them."""

    database: SqliteDatabase
    audit: AuditLog
    key: bytes | None
    sinks: Sequence[AnchorSink]
    clock: Clock
    lacks_wal: bool

    async def find_wrong(self) -> tuple[list[str], list[AnchorFinding]]:
        """Return what a person would accept, in sentences, and what the anchors of each place say.

        Raises StoreError, and ConfigError where only a key is missing.
        """
        findings = await check_anchors(self.audit, self.sinks)
        await self.audit.catch_up()
        log = self.audit.verified
        if log.is_without_key:
            raise ConfigError(
                "The audit log was written with a key, but audit.key is not set.",
                "Set audit.key in app.yaml.",
            )
        words = "pgbot.db-wal, which held the latest entries, is missing or truncated."
        found = [words] if self.lacks_wal else []
        found += [f"{log.doubt[:1].upper()}{log.doubt[1:]}."] if log.doubt else []
        found += [each.words for each in findings if each.contradicts]
        return found + [f"{each.change} was stopped: {each.why}." for each in log.alarms], findings

    async def accept(self, wrong: Sequence[str], reason: str, why: str) -> int:
        """Go on with the data as they are: a row, new anchors, and an end, for this reason `why`, of what was
        not sent. Returns ExitCode.FAILED where a place did not take the new anchor."""
        actor = name_own_user()
        anchor = await self.audit.accept(actor, " ".join(wrong), reason, self.clock.now())
        failed = await put_everywhere(self.sinks, anchor)
        await self._end_unsent(actor, why)
        say(
            f"Accepted in row {anchor.seq} by {actor}: “{reason}”. The hash chain proves every later "
            "entry again."
        )
        for place, trouble in failed:
            say(
                f"{place} could not store the new anchor ({trouble}). Run this again; until then pgbot "
                "serve only reads."
            )
        return ExitCode.FAILED if failed else ExitCode.OK

    async def _end_unsent(self, actor: str, why: str) -> None:
        """End what was not sent: the log may have been put back to before it was carried out."""
        # Verified from the row of the acceptance on, unlike the log as it was opened.
        rows = ChangeRows(self.database, AuditLog(self.database, self.key))
        for record in await rows.in_states(OPEN):
            with suppress(UnprovenChange):
                await rows.step(record.id, lambda now: end_unsent(now, self.clock.now(), actor, why))


@asynccontextmanager
async def _open_database(
    path: Path, *, accepts_loss: bool, only_reads: bool
) -> AsyncIterator[SqliteDatabase]:
    """Open a database, or to only read it a copy, which is upgraded if it is of an earlier release."""
    with ExitStack() as stack:
        if only_reads:
            stack.callback(lock_database(path).release)
            folder = Path(stack.enter_context(TemporaryDirectory(prefix=".recover-", dir=path.parent)))
            await asyncio.to_thread(_copy, path, folder / path.name)
            path = folder / path.name
        database = SqliteDatabase(path)
        try:
            await database.open(accepts_loss=accepts_loss)
            yield database
        finally:
            await database.close()


def _copy(path: Path, target: Path) -> None:
    with closing(open_for_reading(path)) as db:
        copy_file(db, target)


@asynccontextmanager
async def open_stopped_data(
    args: argparse.Namespace, *, accepts_loss: bool = False, only_reads: bool = False
) -> AsyncIterator[StoppedData]:
    """Open the data of a stopped bot; `accepts_loss`: also where the WAL is lost. Raises ConfigError while
    the bot runs, and StoreError."""
    setup, clock = load_settings(args.config), SystemClock()
    if not setup.database.exists():
        raise StoreError(f"No audit log found at {setup.database}.", "Set PGBOT_DATA.")
    key = await audit_key(setup.settings.audit.key)
    lacks = await asyncio.to_thread(_is_without_wal, setup.database)
    async with (
        _open_database(setup.database, accepts_loss=accepts_loss, only_reads=only_reads) as database,
        open_every_place(setup, clock) as places,
    ):
        yield StoppedData(database, AuditLog(database, key), key, places, clock, lacks)


def _is_without_wal(path: Path) -> bool:
    with closing(open_for_reading(path)) as db:
        return lacks_wal(db)


async def accept(args: argparse.Namespace) -> int:
    """Accept the log as it is. Return ExitCode.FAILED where a place did not take the new anchor.

    Raises ConfigError while the bot runs, and StoreError.
    """
    async with open_stopped_data(args) as data:
        wrong, _ = await data.find_wrong()
        if not wrong:
            say("The audit log is intact and matches its anchors. There is nothing to accept.")
            return ExitCode.OK
        say(*wrong)
        why = "An audit log that was changed has been accepted. Request the change again"
        return await data.accept(wrong, args.reason, why)


async def recover(args: argparse.Namespace) -> int:
    """Show what is lost; with a reason, go on from here.

    Raises ConfigError while the bot runs, and StoreError.
    """
    if args.reason is not None and not args.reason.strip():
        raise InputError("The reason is empty.", "Give a reason with --reason.")
    async with open_stopped_data(args, accepts_loss=True, only_reads=args.dry_run) as data:
        wrong, findings = await data.find_wrong()
        if not wrong:
            say("The data matches its anchors. There is nothing to recover.")
            return ExitCode.OK
        say(*wrong, *await _describe_loss(data, findings), *await _describe_open(data))
        if args.dry_run:
            say("Nothing was changed. To continue from here, run “pgbot recover --reason …”.")
            return ExitCode.OK
        return await data.accept(wrong, args.reason, WHY)


async def _describe_loss(data: StoppedData, findings: Sequence[AnchorFinding]) -> list[str]:
    """Return sentences about what the newest anchor knows of and the data lack."""
    anchors = sorted((each for found in findings for each in found.anchors), key=lambda each: each.seq)
    head, rows, said = await data.audit.head(), ChangeRows(data.database, data.audit), []
    last = head[0] if head else 0
    for newest in anchors[-1:]:
        if newest.seq > last:
            lost = format_count(newest.seq - last, "row")
            said.append(
                f"Lost: {lost} of the audit log and everything they record, up to {newest.at:{MINUTE}}."
            )
        change, sent = (newest.change, newest.sent) if isinstance(newest, DataAnchor) else ("", "")
        if change and await rows.get(change) is None:
            said.append(f"The latest change, {change}, is missing from this data.")
        if sent and await rows.attempt(sent) is None:
            said.append(f"{sent} was sent to the cloud, but this data does not show it. Check its cluster.")
    return said


async def _describe_open(data: StoppedData) -> list[str]:
    """Return a sentence about each change that is not over."""
    rows = ChangeRows(data.database, data.audit)
    return [
        f"{each.id}, {each.state.value}: {each.plan.action}. "
        + ("It ends. Request it again." if each.is_unsent else "It was sent, and pgbot follows it.")
        for each in await rows.in_states(OPEN)
    ]

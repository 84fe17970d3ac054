"""The kernel: the bot without Slack and without a web server, as every program that runs commands has it.

Light to import: a command in the terminal waits for nothing of Slack, and only for its own handler.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache, partial

import handlers
from bot.access.policy import Policy
from bot.audit.lineage_store import ENGINE, Lineage, LineageRows
from bot.audit.log import AuditLog, audit_key, note_policy
from bot.audit.records import bot_entry
from bot.changes.decision_checks import DecisionAges, StepUpCodes
from bot.changes.former_name_store import FormerNameRows
from bot.changes.password_store import PasswordDelivery, PasswordRows
from bot.changes.service import ChangeService, find_approvers
from bot.changes.store import ChangeRows
from bot.commands.column_choices import ColumnChoices
from bot.commands.declaration import Registry
from bot.commands.dispatcher import Dispatcher
from bot.commands.listing_cache import ListingCache
from bot.commands.parser import parse
from bot.domain.cluster import Cluster, Listing
from bot.domain.errors import SlackError
from bot.domain.stored_values import digest_value
from bot.ionos.fleet import Fleet
from bot.ionos.http_errors import HttpCall
from bot.ionos.transport import HttpFactory, TransportOptions
from bot.programs.completion_program import remember_names
from bot.programs.read_only_sources import configured_fleet
from bot.readiness.store import ReadinessHistory
from bot.reports.report_service import open_reports
from bot.reports.store import ReportRows
from bot.runtime.clock import Clock, Wakeup
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.database.file_watch import FileWatch
from bot.runtime.health_page import HealthPage
from bot.runtime.logger import get_logger
from bot.runtime.request_context import trace_id
from bot.runtime.sending_right import SendingGate
from bot.settings.model import Setup

log = get_logger()

WAIT_SECONDS, RETRY_SECONDS = 60.0, 5.0
"""For how long Slack is asked again to take the anchor, and the pause between. What people have
approved must not fail over a moment's trouble; a stop of the bot waits meanwhile."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """The bot without Slack."""

    setup: Setup
    clock: Clock
    database: SqliteDatabase
    audit: AuditLog
    fleet: Fleet
    lineage: Lineage
    dispatcher: Dispatcher
    waker: Wakeup
    health: HealthPage
    files: FileWatch
    gate: SendingGate


@cache
def registry() -> Registry:
    return Registry.discover(handlers)


@asynccontextmanager
async def open_kernel(setup: Setup, clock: Clock, http: HttpFactory | None = None) -> AsyncIterator[Kernel]:
    """Open database, client and dispatcher, closed at the end. Raises ConfigError or StoreError.

    A `CheckedClock` is compared with the cloud's answers.
    """
    async with AsyncExitStack() as stack:
        database = SqliteDatabase(setup.database)
        stack.push_async_callback(database.close)
        audit = AuditLog(database, await audit_key(setup.settings.audit.key))
        gate, lineage = SendingGate(), Lineage(audit, LineageRows(database, audit), clock)
        options = TransportOptions(before_write=before_write(lineage, gate), http=http)
        fleet = await configured_fleet(setup.settings, clock, options)
        stack.push_async_callback(fleet.close)
        await database.open()
        kernel = await assemble_kernel(setup, database, lineage, fleet, gate)
        kernel.dispatcher.reports.check_file_reports()
        fleet.on_listing = partial(_note_listing, kernel)
        if clock.doubt is None:
            await note_current_policy(kernel)
        yield kernel


def before_write(lineage: Lineage, gate: SendingGate) -> Callable[[HttpCall], Awaitable[None]]:
    """Return a hook that anchors the data and records each mutating request before it is sent: without its
    anchors and its row it is not, nor without the right to send."""

    async def record(call: HttpCall) -> None:
        # Without the right the anchor of the bot that has it would be lost; and keeping it takes its time.
        await gate.require()
        epoch = gate.right.epoch
        await _keep_anchors(lineage)
        await gate.require(epoch)
        text = f"{call.method} {call.path} at {call.place}"
        entry = bot_entry(lineage.clock.now(), "request", "intended", text=text)
        await lineage.audit.append(replace(entry, trace=trace_id.get()))

    return record


async def _keep_anchors(lineage: Lineage) -> None:
    """Keep them. Raises LogInDoubt, StoreError, and SlackError for what never passes or has not in time."""
    clock = lineage.clock
    deadline = clock.monotonic() + WAIT_SECONDS
    while True:
        try:
            return await lineage.keep()
        except SlackError as error:
            if not error.trouble.passes or clock.monotonic() >= deadline:
                raise
            log.warning("request waits for its anchor", error=str(error))
        await clock.sleep(RETRY_SECONDS)


async def _note_listing(kernel: Kernel, listing: Listing[Cluster]) -> None:
    """Note the names of a listing of the whole fleet: for approval rules, and for the Tab key."""
    await kernel.dispatcher.changes.names.note(listing)
    names = [each.name for each in listing.items]
    try:
        await asyncio.to_thread(remember_names, kernel.setup.data, names, is_complete=not listing.gaps)
    except OSError as error:
        log.warning("could not store names for completion", why=str(error))


async def assemble_kernel(
    setup: Setup, database: SqliteDatabase, lineage: Lineage, fleet: Fleet, gate: SendingGate
) -> Kernel:
    """Put the kernel together from what it stands on. Raises ConfigError."""
    policy, waker, audit, clock = Policy(setup.settings), Wakeup(), lineage.audit, lineage.clock
    rows = ChangeRows(database, audit, partial(find_approvers, policy))
    names = FormerNameRows(database, audit, clock, setup.settings.approvals.former_names)
    dispatcher = Dispatcher(
        registry=registry(),
        settings=setup.settings,
        policy=policy,
        audit=audit,
        fleet=fleet,
        changes=ChangeService(
            rows=rows,
            policy=policy,
            names=names,
            codes=StepUpCodes(clock),
            ages=DecisionAges(clock),
            clock=clock,
            wake=waker,
            most_open=setup.settings.limits.open_changes,
        ),
        readiness=ReadinessHistory(database),
        handover=PasswordDelivery(
            settings=setup.settings,
            rows=PasswordRows(database, audit),
            folder=setup.data / "handover",
            clock=clock,
        ),
        columns=ColumnChoices(database),
        listings=ListingCache(database, clock, digest_value(setup.settings.ionos.accounts)),
        reports=await open_reports(
            setup.settings, partial(parse, registry=registry()), ReportRows(database), clock
        ),
        clock=clock,
        gate=gate,
    )
    page, files = HealthPage(clock), FileWatch(database, setup.data / ENGINE, clock)
    return Kernel(*(setup, clock, database, audit, fleet, lineage, dispatcher, waker, page, files, gate))


async def note_current_policy(kernel: Kernel) -> None:
    """Write to the audit log what the policy is, where it differs from the last one. Raises StoreError."""
    settings = kernel.setup.settings
    await note_policy(kernel.audit, kernel.dispatcher.policy.version, kernel.clock, settings)

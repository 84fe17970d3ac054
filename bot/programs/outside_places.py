"""The places outside the data folder: they keep anchors of the audit log and of the data, which `serve`
compares at the start and adds to, and the lease on the Slack app, which a stop gives back."""

import asyncio
import socket
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from bot.audit.anchor_places import AnchorJob, AnchorSink, AnchorState, check_anchors, open_sinks
from bot.audit.hash_chain import Anchor
from bot.audit.lineage_store import ENGINE, DataAnchor, EngineAnchor, anchor_facts
from bot.audit.log import AuditLog
from bot.audit.verified_log import lower_first
from bot.domain.errors import ConfigError, PgbotError, SlackError, StoreError
from bot.programs.kernel import Kernel
from bot.runtime.background_tasks import Tasks
from bot.runtime.bot_lease import BotLease
from bot.runtime.checked_clock import find_machine_clock
from bot.runtime.clock import Clock
from bot.runtime.instance_lock import follow_links
from bot.runtime.lease_store import LeaseHolder, LeaseRow
from bot.runtime.logger import get_logger
from bot.settings.model import Settings, Setup
from bot.slack.connection import SlackConnection, open_slack
from bot.slack.own_messages import LeaseChannel, StateMessage, open_own_messages

log = get_logger()

KIND = "pgbot_anchor"
WORDS = "pgbot records here how recent its data is, and edits this message often. Please keep it."
"""The message with the anchor of the data, as Slack and as people see it."""

FIRST_SECONDS = 5.0
"""Seconds, by the machine's clock, for which the start waits for Slack to say who holds the app."""

LAST_SECONDS = 3.0
"""Seconds, by the machine's clock, for an anchor that a stop leaves behind, and to give the lease back."""


@asynccontextmanager
async def anchored(kernel: Kernel, slack: SlackConnection) -> AsyncIterator[AnchorJob | None]:
    """Compare log and data with their anchors, before anything can be decided or sent, and provide the job
    that keeps further ones of the log; None without a place.

    At the end, once writing has ended, the last row is anchored: what is cut off before the next start is
    missed then.
    """
    audit, lineage, ages = kernel.audit, kernel.lineage, kernel.dispatcher.changes.ages
    gate, clock = kernel.gate, kernel.clock
    sinks = open_sinks(kernel.setup.settings.audit.anchors, open_own_messages(slack, clock))
    await _compare(audit, sinks)

    def may_anchor() -> bool:
        return not audit.verified.doubt and not gate.right.has_rival()

    async def compare_again() -> None:
        ages.cut = await lineage.compare(lineage.places)

    job = AnchorJob(audit, sinks, clock, may_anchor) if sinks else None
    try:
        ages.cut = await lineage.compare(open_data_places(kernel.setup, slack, clock))
        lineage.may_renew = lambda: not gate.right.has_rival()
        if isinstance(gate.right, BotLease):
            gate.right.before_succeeding = compare_again
        yield job
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await lineage.renew()
    finally:
        if job is not None:
            await _do_last(job.turn(), "audit log not anchored at the stop")


@asynccontextmanager
async def open_anchor_places(settings: Settings, clock: Clock) -> AsyncIterator[tuple[AnchorSink, ...]]:
    """Provide the places where anchors are kept, for programs without a bot. A Slack that cannot be reached
    fails when it is used."""
    async with _reached_slack(settings, settings.audit.anchors.channel) as slack:
        yield _open_sinks(settings, slack, clock)


@asynccontextmanager
async def open_every_place(setup: Setup, clock: Clock) -> AsyncIterator[tuple[AnchorSink, ...]]:
    """Provide the same places, and those of the anchors that are renewed before each request."""
    async with _reached_slack(setup.settings, setup.settings.outside_channel) as slack:
        sinks = _open_sinks(setup.settings, slack, clock)
        yield (*sinks, *open_data_places(setup, slack, clock))


@asynccontextmanager
async def _reached_slack(
    settings: Settings, channel: str | None
) -> AsyncIterator[SlackConnection | PgbotError]:
    """Provide a connection to Slack, or the error: also where no channel needs one."""
    async with AsyncExitStack() as stack:
        slack: SlackConnection | PgbotError = SlackError("No channel stores anchors.")
        if channel is not None:
            try:
                slack = await stack.enter_async_context(open_slack(settings.slack))
            except (SlackError, ConfigError) as error:
                slack = error
        yield slack


def _open_sinks(
    settings: Settings, slack: SlackConnection | PgbotError, clock: Clock
) -> tuple[AnchorSink, ...]:
    reached = _AwaySlack(slack) if isinstance(slack, PgbotError) else open_own_messages(slack, clock)
    return open_sinks(settings.audit.anchors, reached)


@dataclass(frozen=True, slots=True)
class _AwaySlack:
    """A Slack that cannot be reached."""

    error: PgbotError

    async def post(self, _channel: str, _text: str) -> object:
        raise self.error

    async def read_own(self, _channel: str, _part: str) -> Sequence[str]:
        raise self.error

    async def read(self) -> dict[str, Any] | None:
        raise self.error

    async def write(self, _content: Mapping[str, Any]) -> None:
        raise self.error

    async def replace(self, _content: Mapping[str, Any]) -> None:
        raise self.error


@dataclass(frozen=True, slots=True)
class StateAnchor:
    """The place for one anchor in a message of the bot's own in Slack, which no restored file takes back."""

    message: StateMessage | _AwaySlack
    name: str = "Slack"

    async def put(self, anchor: Anchor) -> None:
        """Keep the anchor in place of the one before. Raises SlackError.

        Edits of all cards count against one limit; a restore does not wait until Slack takes one more.
        """
        try:
            await self.message.write(anchor_facts(anchor))
        except SlackError as error:
            if error.code != "ratelimited":
                raise
            await self.message.replace(anchor_facts(anchor))

    async def read(self) -> tuple[Anchor, ...]:
        """Return the anchor, or nothing. Raises SlackError, and StoreError for one that is damaged."""
        found = await self.message.read()
        return (DataAnchor.from_facts(found),) if found else ()


def open_data_places(
    setup: Setup, slack: SlackConnection | PgbotError, clock: Clock
) -> tuple[AnchorSink, ...]:
    """Return the places with the anchors that are renewed before each request."""
    engine, channel = EngineAnchor(setup.data / ENGINE), setup.settings.outside_channel
    if channel is None:
        return (engine,)
    if isinstance(slack, PgbotError):
        return engine, StateAnchor(_AwaySlack(slack))
    own = open_own_messages(slack, clock)
    own.calls.retry_wait.stop()
    return engine, StateAnchor(StateMessage(channel, KIND, WORDS, own, clock))


async def _do_last(work: Coroutine[Any, Any, None], failure: str) -> None:
    """Do the last of something at the stop; what fails, or takes too long, is logged."""
    try:
        async with asyncio.timeout(LAST_SECONDS):
            await work
    except (StoreError, TimeoutError) as error:
        log.warning(failure, error=str(error) or "it took too long")


async def _compare(audit: AuditLog, sinks: tuple[AnchorSink, ...]) -> None:
    for each in await check_anchors(audit, sinks):
        if each.contradicts:
            log.error("audit log contradicts its anchors", where=each.place, why=each.words)
            audit.verified.put_in_doubt(lower_first(each.words))
        elif each.state is not AnchorState.MATCHES:
            log.warning("audit log not compared with its anchors", where=each.place, why=each.words)


@asynccontextmanager
async def leased(kernel: Kernel, slack: SlackConnection, tasks: Tasks) -> AsyncIterator[None]:
    """Keep the lease, or let another bot have it, until the end of the block, and show which on the page.

    Without a channel outside this machine there is none.
    """
    channel = kernel.setup.settings.outside_channel
    if channel is None:
        kernel.health.add("lease", kernel.gate.right.health)
        yield
        return
    holder = LeaseHolder(
        host=socket.gethostname(),
        folder=follow_links(kernel.setup.database).parent.resolve().name,
        since=kernel.clock.now(),
        home=kernel.database.home,
    )
    # A term is over after a sleep of the machine before anybody has said what time it is.
    machine = find_machine_clock(kernel.clock)
    board = LeaseChannel(channel, open_own_messages(slack, kernel.clock))
    kernel.gate.right = lease = BotLease(board, LeaseRow(kernel.database), machine, holder)
    kernel.health.add("lease", lease.health)
    first = asyncio.create_task(lease.turn())
    await asyncio.wait({first}, timeout=FIRST_SECONDS)
    tasks.start(lease.run(), "lease", endless=True)
    try:
        yield
    finally:
        first.cancel()
        await _do_last(lease.release(), "could not release the lease")

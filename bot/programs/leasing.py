"""The lease of `serve` on its Slack app: asked for at the start, and given back at the stop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.domain.errors import StoreError
from bot.runtime.background_tasks import Tasks
from bot.runtime.bot_lease import BotLease
from bot.runtime.checked_clock import find_machine_clock
from bot.runtime.clock import Clock
from bot.runtime.database.database import SqliteDatabase
from bot.runtime.health_page import HealthPage
from bot.runtime.instance_lock import follow_links
from bot.runtime.lease_claim import LeaseHolder
from bot.runtime.lease_store import LeaseRow
from bot.runtime.logger import get_logger
from bot.runtime.sending_right import NO_LEASE, SendingGate
from bot.settings.model import Setup
from bot.slack.connection import SlackConnection
from bot.slack.lease_channel import open_lease_channel

log = get_logger()

FIRST_SECONDS = 5.0
"""Seconds, by the machine's clock, for which the start waits for Slack to say who holds the app."""

LAST_SECONDS = 3.0
"""Seconds, by the machine's clock, that a stop has to give the lease back."""


def open_lease(
    setup: Setup, database: SqliteDatabase, slack: SlackConnection, clock: Clock
) -> BotLease | None:
    """Return this process's lease, not claimed yet; None without a channel outside this machine."""
    channel = setup.settings.outside_channel
    if channel is None:
        return None
    holder = LeaseHolder(
        host=socket.gethostname(),
        folder=follow_links(setup.database).parent.resolve().name,
        since=clock.now(),
        home=database.home,
    )
    # A term is over after a sleep of the machine before anybody has said what time it is.
    machine = find_machine_clock(clock)
    return BotLease(open_lease_channel(slack, clock, channel), LeaseRow(database), machine, holder)


@asynccontextmanager
async def leased(
    lease: BotLease | None, gate: SendingGate, tasks: Tasks, page: HealthPage
) -> AsyncIterator[None]:
    """Keep the lease, or let another bot have it, until the end of the block, and show which on the page."""
    gate.right = lease or NO_LEASE
    page.add("lease", gate.right.health)
    if lease is None:
        yield
        return

    async def before_succeeding() -> None:
        await gate.before_succeeding()  # as it is by then

    lease.before_succeeding = before_succeeding
    first = asyncio.create_task(lease.turn())
    await asyncio.wait({first}, timeout=FIRST_SECONDS)
    tasks.start(lease.run(), "lease", endless=True)
    try:
        yield
    finally:
        first.cancel()
        await _give_back(lease)


async def _give_back(lease: BotLease) -> None:
    try:
        async with asyncio.timeout(LAST_SECONDS):
            await lease.release()
    except (StoreError, TimeoutError) as error:
        log.warning("could not release the lease", error=str(error) or "it took too long")

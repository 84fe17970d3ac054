"""The places of the audit log's anchors; `serve` compares them at the start and adds to them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from bot.audit.anchor_check import AnchorState, check_anchors
from bot.audit.anchor_job import AnchorChannel, AnchorJob, AnchorSink, open_sinks, reporting
from bot.audit.lineage import Lineage
from bot.audit.lineage_store import ENGINE, DecisionCut, EngineAnchor
from bot.audit.log import AuditLog
from bot.audit.verified_log import lower_first
from bot.domain.errors import ConfigError, PgbotError, SlackError, StoreError
from bot.runtime.background_tasks import Tasks
from bot.runtime.clock import Clock
from bot.settings.model import Settings, Setup
from bot.slack.anchor_channel import open_anchor_channel
from bot.slack.connection import SlackConnection, open_slack

log = structlog.get_logger()

LAST_SECONDS = 3
"""Seconds for the anchor that a stop leaves behind, by the machine's clock."""


@asynccontextmanager
async def anchored_log(
    audit: AuditLog, settings: Settings, slack: SlackConnection, clock: Clock
) -> AsyncIterator[AnchorJob | None]:
    """Compare the log with its anchors, and provide the job that keeps further ones; None without a place.

    At the end, once writing has ended, the last row is anchored: what is cut off before the next
    start is missed then.
    """
    sinks = open_sinks(settings.audit.anchors, open_anchor_channel(slack, clock))
    await _compare(audit, sinks)
    if not sinks:
        yield None
        return
    job = AnchorJob(audit, sinks, clock, reporting(audit, clock), lambda: not audit.verified.doubt)
    try:
        yield job
    finally:
        await _anchor_last(job)


def start_anchoring(job: AnchorJob | None, settings: Settings, tasks: Tasks) -> None:
    """Anchor for ever, where there is a place for anchors."""
    if job is not None:
        tasks.start(job.run(settings.audit.interval), "anchors", endless=True)


@asynccontextmanager
async def open_anchor_places(settings: Settings, clock: Clock) -> AsyncIterator[tuple[AnchorSink, ...]]:
    """Provide the places where anchors are kept, for programs without a bot. A Slack that cannot be reached
    fails when it is used."""
    if settings.audit.anchors.channel is None:
        yield open_sinks(settings.audit.anchors, _AwaySlack(SlackError("No channel keeps anchors.")))
        return
    async with AsyncExitStack() as stack:
        slack: AnchorChannel
        try:
            slack = open_anchor_channel(await stack.enter_async_context(open_slack(settings.slack)), clock)
        except (SlackError, ConfigError) as error:
            slack = _AwaySlack(error)
        yield open_sinks(settings.audit.anchors, slack)


@dataclass(frozen=True, slots=True)
class _AwaySlack:
    """A Slack that cannot be reached."""

    error: PgbotError

    async def post(self, _channel: str, _text: str) -> object:
        raise self.error

    async def read_own(self, _channel: str, _part: str) -> Sequence[str]:
        raise self.error


def open_data_places(setup: Setup) -> tuple[AnchorSink, ...]:
    """Return the places with the anchors that are renewed before each request."""
    return (EngineAnchor(setup.data / ENGINE),)


@asynccontextmanager
async def anchored_data(lineage: Lineage, setup: Setup) -> AsyncIterator[DecisionCut | None]:
    """Compare the data with the anchors in engine.db, and provide the cut of decisions that is in force.

    At the end the last row is anchored, as in `anchored_log`.
    """
    yield await lineage.compare(open_data_places(setup))
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST_SECONDS):
            await lineage.renew()


async def _anchor_last(job: AnchorJob) -> None:
    try:
        async with asyncio.timeout(LAST_SECONDS):
            await job.turn()
    except (StoreError, TimeoutError) as error:
        log.warning("audit log not anchored at the stop", error=str(error) or "it took too long")


async def _compare(audit: AuditLog, sinks: tuple[AnchorSink, ...]) -> None:
    for each in await check_anchors(audit, sinks):
        if each.contradicts:
            log.error("audit log contradicts its anchors", where=each.place, why=each.words)
            audit.verified.put_in_doubt(lower_first(each.words))
        elif each.state is not AnchorState.MATCHES:
            log.warning("audit log not compared with its anchors", where=each.place, why=each.words)

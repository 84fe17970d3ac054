"""`pgbot serve`: the whole bot around the kernel, until it is told to stop."""

import argparse
import asyncio
import gc
import importlib
import os
import re
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route

from bot.audit.anchor_places import AnchorJob
from bot.audit.log import LogWatch
from bot.changes.follow import Points, ignore_points
from bot.commands.interrupted import UnansweredDelivery, close_orphans
from bot.domain.error_codes import ExitCode
from bot.domain.errors import ConfigError, PgbotError
from bot.ionos.transport import HttpFactory
from bot.programs.clock_watch import ClockWatch, settle_clock
from bot.programs.kernel import Kernel, open_kernel, registry
from bot.programs.open_work import warn_of_open_work
from bot.programs.outside_places import anchored, leased
from bot.programs.terminal_screen import say
from bot.programs.terminal_server import open_terminal
from bot.programs.workers import PROBE_SECONDS, Workers
from bot.reports.record import STALLED, SlotState
from bot.reports.store import ReportRows
from bot.runtime.background_tasks import Tasks, stopped_by_signal
from bot.runtime.checked_clock import CheckedClock
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.http_server import ConnectionLimits, WebServer, name_listen_errors
from bot.runtime.logger import get_logger
from bot.runtime.watchdog import read_stall, watch_loop
from bot.settings.data_folder import explain_earlier_folder
from bot.settings.model import Settings, Setup, load_settings
from bot.settings.secrets import resolve_token
from bot.slack.connection import SlackConnection, SlackRetry, open_slack
from bot.slack.gateway import Gateway
from bot.slack.inbox import Inbox
from bot.slack.receiver import STARTING, SignedRequests, SlackReceiver, health_routes
from bot.slack.responder import Responder
from bot.slack.wiring import build_gateway
from migrations.custom_rules import shipped_rules

log = get_logger()

DRAIN_SECONDS = 25.0
"""Seconds for running commands to end after SIGTERM; Kubernetes and Docker kill at 30."""

_TRACE = re.compile("[0-9a-f]{12}")
"""The name of a task that runs a command; one from the terminal is in no inbox."""

STALL_FILE = "stalled"
"""The file in the data folder by which a process that was ended tells the next one why."""


async def run(args: argparse.Namespace) -> int:
    """Serve until a signal.

    A supervisor reads one code for whatever keeps the bot from starting or continuing. The process ends with
    another code when its event loop stands still; see `bot.runtime.watchdog`.
    """
    if earlier := explain_earlier_folder(os.environ):
        log.warning("data folder of an earlier release", why=earlier)
    try:
        async with stopped_by_signal() as stop:
            await serve_until(stop, watched(load_settings(args.config)))
    except PgbotError as error:
        say(error.sentence, error.next_step, to=sys.stderr)
        return ExitCode.USAGE
    return ExitCode.OK


SWITCH_INTERVAL = 0.0025
"""Seconds for which a thread at work keeps the loop waiting whenever it wants to go on; Python has 0.005.

With 0.001, bots on a busy machine need a sixth more of it.
"""


async def serve_until(stop: asyncio.Event, serving: AbstractAsyncContextManager[Any]) -> None:
    """Serve until `stop`, which also ends a start that hangs."""
    is_up = asyncio.Event()
    sys.setswitchinterval(SWITCH_INTERVAL)

    async def serve() -> None:
        async with serving:
            is_up.set()
            # What a start makes stays: looking through it with every listing stops the loop for 0.1 s.
            gc.freeze()
            await stop.wait()

    work, stopped = asyncio.create_task(serve()), asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if stop.is_set() and not is_up.is_set():
        work.cancel()
        await asyncio.wait({work})
    if not work.cancelled():
        await work


@dataclass(frozen=True, slots=True)
class Running:
    """The running bot, and the address of its own web server."""

    url: str
    kernel: Kernel


@asynccontextmanager
async def serving(
    setup: Setup, clock: Clock, at_point: Points = ignore_points, http: HttpFactory | None = None
) -> AsyncIterator[Running]:
    """Run the whole bot. On leaving, take no new payloads, drain what runs and close everything.

    `at_point` is told the points that changes pass: crash tests end the process there. `http` takes the
    place of connections to the cloud.
    Raises ConfigError, StoreError or SlackError when the bot cannot start, and PgbotError when it cannot go
    on: the workflow engine is opened while the bot already answers.
    """
    async with AsyncExitStack() as stack:
        clock = checked = CheckedClock(clock)
        imports = asyncio.create_task(asyncio.to_thread(_import_rest))
        kernel = await stack.enter_async_context(open_kernel(setup, clock, http))
        inbox = Inbox(kernel.database, clock)
        receiver = SlackReceiver(SlackRetry(clock, STARTING))
        # Before Slack, so that health checks have an answer while it is waited for.
        _add_health_checks(kernel, inbox, receiver)
        server = await _start_web_server(stack, kernel, receiver.route(), imports)
        slack = await stack.enter_async_context(open_slack(setup.settings.slack, receiver.retry, checked))
        tasks = Tasks()
        await stack.enter_async_context(leased(kernel, slack, tasks))
        gateway = _open_slack_side(kernel, slack, inbox, tasks)
        responder = gateway.modal_flow.responder
        watch = await settle_clock(kernel, checked, slack, responder.escalation)
        stack.push_async_callback(responder.outbox.drain)
        anchors = await stack.enter_async_context(anchored(kernel, slack))
        stack.push_async_callback(_drain, tasks)
        stack.callback(responder.outbox.retry_wait.stop)
        await _mark_stalled_work(setup.data / STALL_FILE, inbox, kernel.dispatcher.reports.rows)
        # Looked up before anything new can come in: what is open now, an earlier process left behind.
        left = await inbox.unanswered()
        refuse = gateway.limit.refuse
        await stack.enter_async_context(open_terminal(setup, responder.dispatcher, tasks, refuse))
        await stack.enter_async_context(await _receive(receiver, setup.settings, slack, gateway))
        await _start_upkeep(tasks, inbox, watch)
        _start_work(kernel, gateway, tasks, at_point, anchors)
        tasks.start(_make_up(kernel, responder, left, tasks), "make up when alone", endless=True)
        log.info("ready", mode=setup.settings.slack.mode, url=server.url, team=slack.workspace.team)
        async with tasks.needed():
            yield Running(server.url, kernel)


async def _make_up(
    kernel: Kernel, responder: Responder, left: list[UnansweredDelivery], tasks: Tasks
) -> None:
    """Close what an earlier process left open, once no other bot can be at it."""
    await kernel.gate.right.unopposed()
    tasks.start(responder.answer_interrupted(left), "make up")
    tasks.start(close_orphans(kernel.audit, kernel.clock), "close orphans")


@asynccontextmanager
async def watched(setup: Setup) -> AsyncIterator[Running]:
    """Run the whole bot as `serving` does, and end the process when its event loop stands still.

    Only for a process of its own, and only from when the bot is ready: a start may take its time.
    """
    async with serving(setup, SystemClock()) as running:
        with watch_loop(setup.data / STALL_FILE, setup.settings.watchdog.seconds):
            yield running


async def _start_web_server(
    stack: AsyncExitStack, kernel: Kernel, route: Route, imports: Awaitable[None]
) -> WebServer:
    http = kernel.setup.settings.http
    server = WebServer(
        Starlette(routes=[*health_routes(kernel.health), route]),
        host=http.host,
        port=http.port,
        limits=ConnectionLimits(http.connections, http.request_seconds),
    )
    await imports
    with name_listen_errors(http.host, http.port, "http.host and http.port"):
        await stack.enter_async_context(server)
    kernel.database.tell(server.url)
    return server


async def _mark_stalled_work(path: Path, inbox: Inbox, reports: ReportRows) -> None:
    """Mark what the last process worked on when its loop stood still, if it did. Raises StoreError.

    The stall names its task, for a command its trace. Where it does not, everything that was under way is
    marked: typing a command again costs less than another stall.
    """
    stall = read_stall(path)
    if stall is None:
        return
    log.error(
        "the last process was stopped because its event loop was stuck", trace=stall.task, stack=stall.stack
    )
    left = await inbox.unanswered()
    making = [each for each in await reports.open_slots() if each.state is SlotState.MAKING]
    deliveries = [each for each in left if each.trace == stall.task]
    slots = [each for each in making if each.id == stall.task]
    if not (deliveries or slots or _TRACE.fullmatch(stall.task)):
        deliveries, slots = left, making
    await inbox.mark_stalled(deliveries)
    for slot in slots:
        await reports.move(slot, since=SlotState.MAKING, why=STALLED)
    path.unlink(missing_ok=True)  # noqa: ASYNC240 - one short file, before anything else runs


def _import_rest() -> None:
    """Import what is needed later, beside the opening of database and Slack: it takes a second, and a first
    import fails in a process whose descriptors are used up."""
    list(registry())
    shipped_rules()
    for name in ("bot.runtime.logging", "rapidfuzz", "pydantic.dataclasses", "bot.runtime.workflows.dbos"):
        importlib.import_module(name)


def _add_health_checks(kernel: Kernel, inbox: Inbox, receiver: SlackReceiver) -> None:
    """Add to `/readyz` what can be checked from the start."""
    page = kernel.health
    page.add("slack", receiver.check)
    if isinstance(kernel.clock, CheckedClock):
        page.add("clock", kernel.clock.check)
    page.add("deliveries", inbox.check)
    if kernel.setup.settings.slack.mode == "http":
        page.add("signatures", receiver.check_signatures)
    page.add("database", kernel.files.check_database, PROBE_SECONDS)
    page.add("audit", kernel.audit.verified.check)
    page.add("changes", kernel.dispatcher.changes.check)
    page.add("turns", kernel.dispatcher.turns.check)


async def _start_upkeep(tasks: Tasks, inbox: Inbox, watch: ClockWatch) -> None:
    # Before anything goes by the time: a wrong one may have left something behind.
    await watch.look()
    tasks.start(inbox.keep_tidy(), "tidy inbox", endless=True)
    tasks.start(watch.run(), "clock", endless=True)


def _start_work(
    kernel: Kernel, gateway: Gateway, tasks: Tasks, at_point: Points, anchors: AnchorJob | None
) -> None:
    responder = gateway.modal_flow.responder
    kernel.health.add("messages", responder.escalation.check)
    if anchors is not None:
        interval = kernel.setup.settings.audit.interval
        tasks.start(anchors.run(interval, kernel.gate.right.unopposed), "anchors", endless=True)
        kernel.health.add("anchors", anchors.check)
    tasks.start(kernel.lineage.run(), "lineage", endless=True)
    tasks.start(kernel.files.run(), "file watch", endless=True)
    tasks.start(LogWatch(audit=kernel.audit, clock=kernel.clock).run(), "log watch", endless=True)
    tasks.start(warn_of_open_work(kernel.dispatcher), "open work")
    workers = Workers(kernel, responder.dispatcher, responder.directory, responder.escalation, at_point)
    tasks.start(workers.run(), "changes", endless=True)
    gateway.start_work()


def _open_slack_side(kernel: Kernel, slack: SlackConnection, inbox: Inbox, tasks: Tasks) -> Gateway:
    wanted, team = kernel.setup.settings.slack.team, slack.workspace.team
    if wanted not in {None, team}:
        raise ConfigError(
            f"The bot token belongs to workspace {team}, but slack.team is {wanted}.",
            "Use the token of the right workspace, or correct slack.team.",
        )
    return build_gateway(slack, kernel.dispatcher, inbox, kernel.database, tasks)


async def _receive(
    receiver: SlackReceiver, settings: Settings, slack: SlackConnection, gateway: Gateway
) -> AbstractAsyncContextManager[None]:
    """Return a block that takes payloads, and raises SlackError when the app token is refused. Raises
    ConfigError."""
    if settings.slack.mode == "http":
        secret = (await resolve_token(settings.slack.signing_secret)).get_secret_value()
        signed = SignedRequests(secret, gateway.clock)
        return receiver.by_http(gateway.bolt(slack.client, secret), signed)
    token = await resolve_token(settings.slack.app_token)
    return receiver.by_socket(gateway.bolt(slack.client, ""), token, slack.client)


async def _drain(tasks: Tasks) -> None:
    cancelled = await tasks.drain(DRAIN_SECONDS)
    if cancelled:
        log.warning("commands cut off", count=cancelled)

"""The composition root of `pgbot serve`: the whole bot around the kernel."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from starlette.routing import Route

from bot.audit.anchor_job import AnchorJob
from bot.audit.lineage_store import ENGINE
from bot.audit.log_watch import LogWatch
from bot.changes.executor import Points, ignore_points
from bot.changes.notices import Escalation
from bot.commands.interrupted import UnansweredDelivery, close_orphans
from bot.domain.errors import ConfigError
from bot.ionos.transport import HttpFactory
from bot.programs.anchoring import anchored_data, anchored_log, start_anchoring
from bot.programs.clock_watch import ClockWatch, list_repairs, name_time_servers
from bot.programs.kernel import Kernel, note_current_policy, open_kernel, registry
from bot.programs.leasing import leased, open_lease
from bot.programs.open_work import warn_of_open_work
from bot.programs.stalled_work import mark_stalled_work
from bot.programs.terminal_server import open_terminal
from bot.programs.workers import Workers
from bot.runtime.background_tasks import Tasks
from bot.runtime.checked_clock import CheckedClock
from bot.runtime.clock import Clock, SystemClock
from bot.runtime.http_connections import ConnectionLimits
from bot.runtime.http_server import WebServer, name_listen_errors
from bot.runtime.logger import get_logger
from bot.runtime.watchdog import watch_loop
from bot.settings.model import Settings, Setup
from bot.settings.secrets import resolve_token
from bot.slack.bot_identity import BotIdentity
from bot.slack.connection import SlackConnection, open_slack
from bot.slack.gateway import Gateway
from bot.slack.http import health_routes, slack_endpoint, web_app
from bot.slack.inbox import Inbox
from bot.slack.inbox_store import InboxRows
from bot.slack.receiver import STARTING, SlackReceiver
from bot.slack.responder import Responder
from bot.slack.retry import SlackRetry
from bot.slack.signed_requests import SignedRequests
from bot.slack.wiring import SlackAdapter, SlackServices, build_adapter
from migrations.custom_rules import shipped_rules

log = get_logger()

DRAIN_SECONDS = 25.0
"""Seconds for running commands to end after SIGTERM; Kubernetes and Docker kill at 30."""

PROBE_SECONDS = 5.0
"""Seconds for which the result of a check that writes is reused."""

STALL_FILE = "stalled"
"""The file in the data folder by which a process that was ended tells the next one why."""


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
        inbox = Inbox(InboxRows(kernel.database), clock)
        receiver = SlackReceiver(SlackRetry(clock, STARTING))
        # Before Slack, so that health checks have an answer while it is waited for.
        _add_health_checks(kernel, inbox, receiver)
        server = await _start_web_server(stack, kernel, receiver.route(), imports)
        slack = await stack.enter_async_context(open_slack(setup.settings.slack, receiver.retry, checked))
        tasks = await _open_tasks(stack, kernel, slack)
        slack_adapter = _open_slack_side(kernel, slack, inbox, tasks)
        responder = slack_adapter.responder
        watch = await _settle_clock(kernel, checked, slack, responder.escalation)
        stack.push_async_callback(responder.outbox.drain)
        anchors = await _compare_with_anchors(stack, kernel, slack)
        stack.push_async_callback(_drain, tasks)
        stack.callback(responder.outbox.hurry)
        await mark_stalled_work(setup.data / STALL_FILE, inbox, kernel.dispatcher.reports.rows)
        # Looked up before anything new can come in: what is open now, an earlier process left behind.
        left = await inbox.unanswered()
        refuse = slack_adapter.gateway.limit.refuse
        await stack.enter_async_context(open_terminal(setup, responder.dispatcher, tasks, refuse))
        await stack.enter_async_context(_receiving(receiver, setup.settings, slack, slack_adapter.gateway))
        await _start_upkeep(tasks, inbox, watch)
        _start_work(kernel, slack_adapter, tasks, at_point, anchors)
        tasks.start(_make_up(kernel, responder, left, tasks), "make up when alone", endless=True)
        log.info("ready", mode=setup.settings.slack.mode, url=server.url, team=slack.workspace.team)
        async with tasks.needed():
            yield Running(server.url, kernel)


async def _open_tasks(stack: AsyncExitStack, kernel: Kernel, slack: SlackConnection) -> Tasks:
    """Return the background tasks, with one that holds the Slack app where no other bot does."""
    tasks = Tasks()
    lease = open_lease(kernel.setup, kernel.database, slack, kernel.clock)
    await stack.enter_async_context(leased(lease, kernel.gate, tasks, kernel.health))
    return tasks


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
        web_app([*health_routes(kernel.health), route]),
        host=http.host,
        port=http.port,
        limits=ConnectionLimits(http.connections, http.request_seconds),
    )
    await imports
    with name_listen_errors(http.host, http.port, "http.host and http.port"):
        await stack.enter_async_context(server)
    kernel.database.tell(server.url)
    return server


async def _compare_with_anchors(
    stack: AsyncExitStack, kernel: Kernel, slack: SlackConnection
) -> AnchorJob | None:
    """Compare log and data with their anchors, before anything can be decided or sent."""
    setup = kernel.setup
    anchored = anchored_log(kernel.audit, setup.settings, slack, kernel.clock, kernel.gate)
    job = await stack.enter_async_context(anchored)
    cut = await stack.enter_async_context(anchored_data(kernel.lineage, setup, slack))
    kernel.dispatcher.changes.ages.cut = cut

    async def compare_again() -> None:
        places = kernel.lineage.places
        kernel.dispatcher.changes.ages.cut = await kernel.lineage.compare(places)

    kernel.gate.before_succeeding = compare_again
    kernel.lineage.may_renew = lambda: not kernel.gate.right.has_rival()
    return job


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


async def _settle_clock(
    kernel: Kernel, clock: CheckedClock, slack: SlackConnection, escalation: Escalation
) -> ClockWatch:
    """Ask for the time before anything is written whose time counts; return the watch over the clock."""
    settings = kernel.setup.settings
    watch = ClockWatch(
        clock=clock,
        audit=kernel.audit,
        ask=name_time_servers(settings, slack, kernel.fleet),
        escalation=escalation,
        channel=settings.approvals.channel,
        repairs=list_repairs(kernel.dispatcher, kernel.lineage.rows),
    )
    await watch.settle()
    if clock.machine_doubt is not None:
        # They were read for the years around the machine's time.
        await kernel.dispatcher.reports.read_calendars(settings)
    await note_current_policy(kernel)
    return watch


async def _start_upkeep(tasks: Tasks, inbox: Inbox, watch: ClockWatch) -> None:
    # Before anything goes by the time: a wrong one may have left something behind.
    await watch.look()
    tasks.start(inbox.keep_tidy(), "tidy inbox", endless=True)
    tasks.start(watch.run(), "clock", endless=True)


def _start_work(
    kernel: Kernel, slack_adapter: SlackAdapter, tasks: Tasks, at_point: Points, anchors: AnchorJob | None
) -> None:
    start_anchoring(anchors, kernel.setup.settings, tasks, kernel.gate)
    kernel.health.add("messages", slack_adapter.responder.escalation.check)
    if anchors is not None:
        kernel.health.add("anchors", anchors.check)
    tasks.start(kernel.lineage.run(), "lineage", endless=True)
    tasks.start(kernel.files.run(), "file watch", endless=True)
    responder = slack_adapter.responder
    tasks.start(LogWatch(audit=kernel.audit, clock=kernel.clock).run(), "log watch", endless=True)
    tasks.start(warn_of_open_work(kernel.dispatcher), "open work")
    tasks.start(_workers(kernel, responder, at_point).run(), "changes", endless=True)
    slack_adapter.start_work(tasks)


def _workers(kernel: Kernel, responder: Responder, at_point: Points) -> Workers:
    return Workers(
        dispatcher=responder.dispatcher,
        fleet=kernel.fleet,
        directory=responder.directory,
        escalation=responder.escalation,
        waker=kernel.waker,
        clock=kernel.clock,
        file=kernel.setup.data / ENGINE,
        lineage=kernel.lineage.rows,
        engine_opened=partial(kernel.health.add, "engine", kernel.files.check_engine, PROBE_SECONDS),
        gate=kernel.gate,
        at_point=at_point,
    )


def _check_team(settings: Settings, workspace: BotIdentity) -> None:
    if settings.slack.team not in {None, workspace.team}:
        raise ConfigError(
            f"The bot token belongs to workspace {workspace.team}, but slack.team is {settings.slack.team}.",
            "Use the token of the right workspace, or correct slack.team.",
        )


def _open_slack_side(kernel: Kernel, slack: SlackConnection, inbox: Inbox, tasks: Tasks) -> SlackAdapter:
    _check_team(kernel.setup.settings, slack.workspace)
    services = SlackServices(
        settings=kernel.setup.settings,
        dispatcher=kernel.dispatcher,
        inbox=inbox,
        database=kernel.database,
        tasks=tasks,
        clock=kernel.clock,
    )
    return build_adapter(services, slack)


@asynccontextmanager
async def _receiving(
    receiver: SlackReceiver, settings: Settings, slack: SlackConnection, gateway: Gateway
) -> AsyncIterator[None]:
    """Take payloads meanwhile. Raises ConfigError, and SlackError when the app token is refused."""
    if settings.slack.mode == "http":
        secret = (await resolve_token(settings.slack.signing_secret)).get_secret_value()
        signed = SignedRequests(secret, gateway.clock)
        receiving = receiver.by_http(slack_endpoint(gateway.bolt(slack.client, secret), signed), signed)
    else:
        token = await resolve_token(settings.slack.app_token)
        receiving = receiver.by_socket(gateway.bolt(slack.client, ""), token, slack.client)
    async with receiving:
        yield


async def _drain(tasks: Tasks) -> None:
    cancelled = await tasks.drain(DRAIN_SECONDS)
    if cancelled:
        log.warning("commands cut off", count=cancelled)

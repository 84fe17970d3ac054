"""The composition root: puts the rooms together for the terminal and for Slack."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

import handlers
from bot.api.access import Access, resolve_addresses
from bot.api.faults import Call
from bot.api.fleet import Fleet, open_fleet
from bot.api.names import find_cluster
from bot.api.transport import Wiring
from bot.clock import Clock, SystemClock
from bot.command import Registry
from bot.config import Contract, Settings, Setup
from bot.dispatch import Dispatcher
from bot.errors import ConfigError, SlackError
from bot.inbox import Inbox
from bot.policy import Policy
from bot.secrets import Reference, resolve
from bot.slack.answers import Answers
from bot.slack.directory import Directory
from bot.slack.gateway import Gateway, Workspace
from bot.slack.http import health_routes, slack_route, web_app
from bot.slack.outbox import Outbox
from bot.store.audit import AuditLog, Entry
from bot.store.database import Database
from bot.store.inbox import InboxRows
from bot.tasks import Tasks
from bot.trace import trace_id
from bot.web import WebServer

log = structlog.get_logger()

DRAIN_SECONDS = 25.0
"""How long running commands may take to end after SIGTERM; Kubernetes and Docker then kill at 30."""

SLACK_SECONDS = 10
"""Total time for one call to Slack. With a session given, slack_sdk ignores its own timeout."""

PING_SECONDS = 3
"""A dropped Socket Mode connection is noticed within this (slack-facts, 4.1: Bolt's 10 take 8.5 s)."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """The bot without Slack: what the terminal needs."""

    setup: Setup
    clock: Clock
    database: Database
    audit: AuditLog
    fleet: Fleet
    dispatcher: Dispatcher


def registry() -> Registry:
    """Every command there is."""
    return Registry.discover(handlers)


async def access_of(contract: Contract) -> Access:
    """A contract's credentials, resolved. Raises ConfigError."""

    async def secret(reference: Reference | None) -> SecretStr | None:
        return None if reference is None else await resolve(reference)

    return Access(
        name=contract.name,
        number=contract.number,
        token=await secret(contract.token),
        username=await secret(contract.username),
        password=await secret(contract.password),
    )


@asynccontextmanager
async def open_kernel(setup: Setup, clock: Clock) -> AsyncIterator[Kernel]:
    """Database, client and dispatcher, closed at the end. Raises ConfigError or StoreError."""
    ionos = setup.settings.ionos
    addresses = resolve_addresses(ionos.api_url, ionos.region_url)
    accesses = [await access_of(contract) for contract in ionos.contracts]
    async with AsyncExitStack() as stack:
        database = Database(setup.data / "pgbot.db")
        await database.open()
        stack.push_async_callback(database.close)
        audit = AuditLog(database)
        wiring = Wiring(before_write=_recorded(audit, clock))
        fleet = open_fleet(accesses, addresses, clock=clock, wiring=wiring)
        stack.push_async_callback(fleet.close)
        dispatcher = Dispatcher(
            registry=registry(),
            settings=setup.settings,
            policy=Policy(setup.settings),
            audit=audit,
            fleet=fleet,
            find=find_cluster,
            clock=clock,
        )
        yield Kernel(setup, clock, database, audit, fleet, dispatcher)


def _recorded(audit: AuditLog, clock: Clock) -> Callable[[Call], Awaitable[None]]:
    """Audit first: no mutating request leaves the process unless its row is on disk."""

    async def record(call: Call) -> None:
        await audit.append(
            Entry(
                at=clock.now(),
                kind="request",
                trace=trace_id.get(),
                team="",
                actor="bot",
                channel="",
                text=f"{call.method} {call.path} at {call.place}",
                outcome="intended",
            )
        )

    return record


@dataclass(frozen=True, slots=True)
class SlackSide:
    """A connection to Slack's Web API and whose bot it is."""

    client: AsyncWebClient
    session: aiohttp.ClientSession
    workspace: Workspace


@asynccontextmanager
async def open_slack(settings: Settings) -> AsyncIterator[SlackSide]:
    """One session with a real timeout, and one `auth.test`. Raises ConfigError or SlackError."""
    token = await resolve(settings.slack.bot_token)
    timeout = aiohttp.ClientTimeout(total=SLACK_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        client = AsyncWebClient(
            token=token.get_secret_value(),
            base_url=settings.slack.api_url.rstrip("/") + "/",
            session=session,
            # `bot.slack.calls` waits for rate limits, on the injected clock.
            retry_handlers=[],
        )
        yield SlackSide(client, session, await _whose_bot(client))


async def _whose_bot(client: AsyncWebClient) -> Workspace:
    try:
        answer = await client.auth_test()
    except SlackClientError as error:
        code = error.response["error"] if hasattr(error, "response") else type(error).__name__
        raise SlackError(
            f"Slack refuses the bot token: {code}.", "Check SLACK_BOT_TOKEN.", code=code
        ) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SlackError(f"Slack cannot be reached: {type(error).__name__}.", "Check the network.") from None
    scopes = str(answer.headers.get("x-oauth-scopes", ""))
    return Workspace(
        team=answer["team_id"],
        bot_user=answer["user_id"],
        bot_id=answer["bot_id"],
        scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
    )


@dataclass(frozen=True, slots=True)
class Running:
    """The bot at work, and the address of its own web server."""

    url: str
    kernel: Kernel


@asynccontextmanager
async def serving(setup: Setup, clock: Clock) -> AsyncIterator[Running]:
    """The whole bot. On leaving: no new payloads, what runs is drained, everything is closed."""
    async with AsyncExitStack() as stack:
        kernel = await stack.enter_async_context(open_kernel(setup, clock))
        slack = await stack.enter_async_context(open_slack(setup.settings))
        _check_team(setup.settings, slack.workspace)
        tasks = Tasks()
        inbox = Inbox(InboxRows(kernel.database), clock)
        answers = _answers(kernel, slack, inbox)
        stack.push_async_callback(answers.outbox.drain)
        stack.push_async_callback(_drain, tasks)
        # Looked up before anything new can come in: what is open now, an earlier process left behind.
        cut_off = await inbox.unanswered()
        bolt, routes = await _bolt(kernel, slack, inbox, answers, tasks)
        socket = await _socket(setup.settings, bolt)
        if socket is not None:
            await stack.enter_async_context(_connected(socket))

        async def ready() -> dict[str, bool]:
            connected = socket is None or await socket.client.is_connected()
            return {"slack": connected, "database": not kernel.database.is_closed}

        app = web_app([*health_routes(ready), *routes])
        http = setup.settings.http
        server = await stack.enter_async_context(WebServer(app, host=http.host, port=http.port))
        tasks.start(answers.make_up(cut_off), "make up")
        tasks.start(inbox.tidy(), "tidy inbox")
        log.info("ready", mode=setup.settings.slack.mode, url=server.url, team=slack.workspace.team)
        yield Running(server.url, kernel)


def _check_team(settings: Settings, workspace: Workspace) -> None:
    if settings.slack.team not in {None, workspace.team}:
        raise ConfigError(
            f"The bot token belongs to team {workspace.team}, and slack.team says {settings.slack.team}.",
            "Use the token of the right workspace, or correct slack.team.",
        )


def _answers(kernel: Kernel, slack: SlackSide, inbox: Inbox) -> Answers:
    directory = Directory(slack.client, kernel.clock, slack.workspace.team, kernel.setup.settings.user_groups)
    outbox = Outbox(slack.client, slack.session, kernel.clock)
    return Answers(directory, kernel.dispatcher, outbox, inbox)


async def _bolt(
    kernel: Kernel, slack: SlackSide, inbox: Inbox, answers: Answers, tasks: Tasks
) -> tuple[AsyncApp, list[Route]]:
    """Bolt with our listeners, and in HTTP mode the route on which Slack calls."""
    settings = kernel.setup.settings.slack
    http = settings.mode == "http"
    secret = (await resolve(settings.signing_secret)).get_secret_value() if http else ""
    gateway = Gateway(
        workspace=slack.workspace,
        app_id=settings.app,
        command=settings.command,
        inbox=inbox,
        answer=answers,
        tasks=tasks,
        clock=kernel.clock,
    )
    bolt = gateway.bolt(slack.client, secret)
    # How old a signature is belongs to the wire: Slack signs with its own clock, also in the demo.
    return bolt, [slack_route(bolt, secret, SystemClock())] if http else []


async def _socket(settings: Settings, bolt: AsyncApp) -> AsyncSocketModeHandler | None:
    if settings.slack.mode != "socket":
        return None
    token = await resolve(settings.slack.app_token)
    return AsyncSocketModeHandler(bolt, token.get_secret_value(), ping_interval=PING_SECONDS)


@asynccontextmanager
async def _connected(socket: AsyncSocketModeHandler) -> AsyncIterator[None]:
    try:
        await socket.client.connect()  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped
        yield
    finally:
        await socket.client.close()  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped


async def _drain(tasks: Tasks) -> None:
    cancelled = await tasks.drain(DRAIN_SECONDS)
    if cancelled:
        log.warning("commands cut off", count=cancelled)

"""The construction of the bot's Slack side."""

from dataclasses import dataclass, replace

from bot.access.command_rate import CommandRate
from bot.changes.notices import Escalation
from bot.commands.dispatcher import Dispatcher
from bot.runtime.background_tasks import Tasks
from bot.runtime.clock import Clock
from bot.runtime.database.database import SqliteDatabase
from bot.settings.model import Settings
from bot.slack.app_home import HomePublisher
from bot.slack.command_limit import CommandLimit
from bot.slack.connection import SlackConnection
from bot.slack.delivery_log import DeliveryLog
from bot.slack.delivery_store import DeliveryRows
from bot.slack.directory import Directory, OwnCompany
from bot.slack.gateway import Gateway
from bot.slack.home_store import HomeRows
from bot.slack.inbox import Inbox
from bot.slack.modal_flow import ModalFlow
from bot.slack.options import OptionLoader
from bot.slack.outbox import Outbox, SlackNotices
from bot.slack.own_messages import OwnMessages
from bot.slack.responder import Responder
from bot.slack.web_api import RetryWait, WebApiCalls


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackAdapter:
    """The parts of the Slack side that the program starts and stops."""

    responder: Responder
    home: HomePublisher
    gateway: Gateway

    def start_work(self, tasks: Tasks) -> None:
        """Start what runs for as long as the bot does."""
        tasks.start(self.home.run(), "homes", endless=True)
        tasks.start(self.responder.outbox.keep_tidy(), "tidy deliveries", endless=True)
        tasks.start(self.gateway.limit.run(), "command limit", endless=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackServices:
    """The services that the Slack side uses."""

    settings: Settings
    dispatcher: Dispatcher
    inbox: Inbox
    database: SqliteDatabase
    tasks: Tasks
    clock: Clock


def build_adapter(services: SlackServices, slack: SlackConnection) -> SlackAdapter:
    """Build everything between Slack and the dispatcher."""
    settings, clock = services.settings, services.clock
    retry_wait = RetryWait(clock)
    own = slack.workspace
    company = OwnCompany(own.team, settings.slack.workspaces, own.enterprise, own.is_org_wide)
    directory = Directory(slack.client, clock, company, settings.user_groups, retry_wait)
    calls = WebApiCalls(clock, retry_wait)
    deliveries = DeliveryLog(
        DeliveryRows(services.database), OwnMessages(slack.client, calls, slack.workspace), clock
    )
    outbox = Outbox(slack.client, slack.session, clock, deliveries, retry_wait)
    dispatcher = _with_slack(services.dispatcher, directory, outbox)
    escalation = Escalation(SlackNotices(outbox), settings)
    responder = Responder(directory, dispatcher, outbox, services.inbox, escalation)
    home = HomePublisher(slack.client, calls, responder, HomeRows(services.database))
    limit = CommandLimit(
        rate=CommandRate(settings.limits.commands_per_minute),
        clock=clock,
        open_words=frozenset({"", *(each.group for each in dispatcher.registry if each.open_to_all)}),
        turn_away=dispatcher.record_turned_away,
    )
    gateway = Gateway(
        workspace=slack.workspace,
        app_id=settings.slack.app,
        command=settings.slack.command,
        inbox=services.inbox,
        modal_flow=ModalFlow(slack.client, calls, responder, services.tasks),
        options=OptionLoader(responder, clock),
        home=home,
        turn_away=dispatcher.record_turned_away,
        limit=limit,
        tasks=services.tasks,
        clock=clock,
    )
    dispatcher.turns.after_acks = gateway.ack_gate.wait
    return SlackAdapter(responder=responder, home=home, gateway=gateway)


def _with_slack(dispatcher: Dispatcher, directory: Directory, outbox: Outbox) -> Dispatcher:
    """Return the dispatcher with what only Slack knows and does."""
    return replace(
        dispatcher,
        changes=replace(dispatcher.changes, directory=directory),
        people=directory.actor,
        is_external=directory.is_external,
        send_direct=outbox.send_direct,
    )

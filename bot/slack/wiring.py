"""The construction of the bot's Slack side."""

from dataclasses import replace

from bot.access.command_rate import CommandRate
from bot.changes.notices import Escalation
from bot.commands.dispatcher import Dispatcher
from bot.runtime.background_tasks import Tasks
from bot.runtime.database.database import SqliteDatabase
from bot.slack.app_home import HomePublisher
from bot.slack.command_limit import CommandLimit
from bot.slack.connection import SlackConnection
from bot.slack.delivery_log import DeliveryLog, DeliveryRows
from bot.slack.directory import Directory, OwnCompany
from bot.slack.gateway import Gateway
from bot.slack.inbox import Inbox
from bot.slack.modal_flow import ModalFlow
from bot.slack.options import OptionLoader
from bot.slack.outbox import Outbox, SlackNotices
from bot.slack.own_messages import OwnMessages
from bot.slack.responder import Responder
from bot.slack.web_api import WebApiCalls


def build_gateway(
    slack: SlackConnection, dispatcher: Dispatcher, inbox: Inbox, database: SqliteDatabase, tasks: Tasks
) -> Gateway:
    """Build everything between Slack and the dispatcher."""
    settings, clock, own = dispatcher.settings, dispatcher.clock, slack.workspace
    company = OwnCompany(own.team, settings.slack.workspaces, own.enterprise, own.is_org_wide)
    calls = WebApiCalls(clock)
    directory = Directory(slack.client, calls, company, settings.user_groups)
    deliveries = DeliveryLog(DeliveryRows(database), OwnMessages(slack.client, calls, own), clock)
    outbox = Outbox(slack.client, slack.session, calls, deliveries)
    dispatcher = replace(
        dispatcher,
        changes=replace(dispatcher.changes, directory=directory),
        people=directory.actor,
        is_external=directory.is_external,
        send_direct=outbox.send_direct,
    )
    responder = Responder(directory, dispatcher, outbox, inbox, Escalation(SlackNotices(outbox), settings))
    gateway = Gateway(
        workspace=own,
        app_id=settings.slack.app,
        command=settings.slack.command,
        inbox=inbox,
        modal_flow=ModalFlow(slack.client, calls, responder, tasks),
        options=OptionLoader(responder, clock),
        home=HomePublisher(slack.client, calls, responder, database),
        limit=CommandLimit(
            rate=CommandRate(settings.limits.commands_per_minute),
            clock=clock,
            open_words=frozenset({"", *(each.group for each in dispatcher.registry if each.open_to_all)}),
            turn_away=dispatcher.record_turned_away,
        ),
        tasks=tasks,
        clock=clock,
    )
    dispatcher.turns.after_acks = gateway.ack_gate.wait
    return gateway

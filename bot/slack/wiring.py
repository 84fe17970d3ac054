"""Puts the Slack side of the bot together."""

from dataclasses import dataclass, replace

from bot.commands.dispatcher import Dispatcher
from bot.runtime.background_tasks import Tasks
from bot.runtime.clock import Clock
from bot.settings.model import Settings
from bot.slack.app_home import HomePublisher
from bot.slack.connection import SlackConnection
from bot.slack.directory import Directory
from bot.slack.gateway import Gateway
from bot.slack.home_store import HomeRows
from bot.slack.inbox import Inbox
from bot.slack.modal_flow import ModalFlow
from bot.slack.options import OptionLoader
from bot.slack.outbox import Outbox
from bot.slack.responder import Responder
from bot.slack.retry_wait import RetryWait
from bot.slack.web_api import WebApiCalls


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackAdapter:
    """What takes in, and what answers."""

    answers: Responder
    home: HomePublisher
    gateway: Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackServices:
    """What the Slack side stands on."""

    settings: Settings
    dispatcher: Dispatcher
    inbox: Inbox
    homes: HomeRows
    tasks: Tasks
    clock: Clock


def front(back: SlackServices, slack: SlackConnection) -> SlackAdapter:
    """Everything between Slack and the dispatcher."""
    settings, clock = back.settings, back.clock
    patience = RetryWait(clock)
    directory = Directory(slack.client, clock, slack.workspace.team, settings.user_groups, patience)
    outbox = Outbox(slack.client, slack.session, clock, patience)
    dispatcher = replace(back.dispatcher, people=directory.actor, is_external=directory.is_external)
    answers = Responder(directory, dispatcher, outbox, back.inbox)
    calls = WebApiCalls(clock, patience)
    home = HomePublisher(slack.client, calls, answers, back.homes)
    gateway = Gateway(
        workspace=slack.workspace,
        app_id=settings.slack.app,
        command=settings.slack.command,
        inbox=back.inbox,
        forms=ModalFlow(slack.client, calls, answers, back.tasks),
        suggestions=OptionLoader(answers, clock),
        home=home,
        turn_away=dispatcher.turn_away,
        tasks=back.tasks,
        clock=clock,
    )
    return SlackAdapter(answers=answers, home=home, gateway=gateway)

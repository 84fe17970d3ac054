"""Puts the Slack side of the bot together."""

from dataclasses import dataclass, replace

from bot.commands.dispatcher import Dispatcher
from bot.runtime.background_tasks import Tasks
from bot.runtime.clock import Clock
from bot.settings.model import Settings
from bot.slack.connection import SlackSide
from bot.slack.directory import Directory
from bot.slack.gateway import Gateway
from bot.slack.home import Home, Homes
from bot.slack.inbox import Inbox
from bot.slack.modal_flow import Forms
from bot.slack.options import Suggestions
from bot.slack.outbox import Outbox
from bot.slack.responder import Answers
from bot.slack.retry_wait import Patience
from bot.slack.web_api import Calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What takes in, and what answers."""

    answers: Answers
    home: Home
    gateway: Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What the Slack side stands on."""

    settings: Settings
    dispatcher: Dispatcher
    inbox: Inbox
    homes: Homes
    tasks: Tasks
    clock: Clock


def front(back: Back, slack: SlackSide) -> Front:
    """Everything between Slack and the dispatcher."""
    settings, clock = back.settings, back.clock
    patience = Patience(clock)
    directory = Directory(slack.client, clock, slack.workspace.team, settings.user_groups, patience)
    outbox = Outbox(slack.client, slack.session, clock, patience)
    dispatcher = replace(back.dispatcher, people=directory.actor, is_external=directory.is_external)
    answers = Answers(directory, dispatcher, outbox, back.inbox)
    calls = Calls(clock, patience)
    home = Home(slack.client, calls, answers, back.homes)
    gateway = Gateway(
        workspace=slack.workspace,
        app_id=settings.slack.app,
        command=settings.slack.command,
        inbox=back.inbox,
        forms=Forms(slack.client, calls, answers, back.tasks),
        suggestions=Suggestions(answers, clock),
        home=home,
        turn_away=dispatcher.turn_away,
        tasks=back.tasks,
        clock=clock,
    )
    return Front(answers=answers, home=home, gateway=gateway)

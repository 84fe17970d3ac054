"""Who sits at the terminal: a user of this machine, and the Slack person that app.yaml says it is."""

import os
import pwd

from bot.config import Settings
from bot.domain import Actor, Origin


def os_user() -> str:
    """The account that this process runs as: not $USER, which anybody can set."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid:{number}"


def terminal_actor(settings: Settings, user: str) -> Actor:
    """The user as an actor. With an entry in `terminal.people` it is that person, who may also write;
    user groups of Slack are not known here, so only roles that list the person by id count."""
    person = settings.terminal.people.get(user, "")
    return Actor(origin=Origin.TERMINAL, id=user, name=user, team=settings.slack.team or "", person=person)

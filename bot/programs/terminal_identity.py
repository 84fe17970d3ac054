"""The person at the terminal: a user of this machine, and the Slack person that app.yaml maps it to."""

import os
import pwd

from bot.changes.store import ChangeRows
from bot.domain.request import Actor, Origin
from bot.settings.model import Settings


def os_user() -> str:
    """Return the account that this process runs as: not $USER, which anybody can set."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid:{number}"


async def terminal_actor(settings: Settings, user: str, known: ChangeRows) -> Actor:
    """Return the user as an actor. With an entry in `terminal.people` it is that person, who may also write;
    user groups of Slack are not known here, so only roles that list the person by id count.

    Name and time zone are those of the person's last request in Slack. Without one the id stands for the
    name, and a time without a zone is refused.
    """
    team = settings.slack.team or ""
    person = settings.terminal.people.get(user, "")
    if not person:
        return Actor(origin=Origin.TERMINAL, id=user, name=user, team=team)
    name, zone = await known.last_seen(person, user)
    return Actor(
        origin=Origin.TERMINAL, id=user, name=name or person, team=team, person=person, time_zone=zone
    )

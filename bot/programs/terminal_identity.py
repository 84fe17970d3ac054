"""The person at the terminal: a user of this machine, and the Slack person that app.yaml maps it to."""

import asyncio
import os
import pwd
import socket
import struct
import sys
from asyncio.trsock import TransportSocket
from dataclasses import replace

from bot.changes.store import ChangeRows
from bot.domain.request import AccountStatus, Actor, Origin, People
from bot.settings.model import Settings

SLACK_SECONDS = 3.0
"""Time that Slack has to say who a person is: the terminal is also there for when Slack is not."""

_LINUX = struct.Struct("3i")
"""`struct ucred`: process, user, group (unix(7), SO_PEERCRED)."""

_MACOS = struct.Struct("2I")
"""The beginning of `struct xucred`: version, user (unix(4), LOCAL_PEERCRED)."""

_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES = 0, 1, 76


def peer_user(connection: socket.socket | TransportSocket) -> int:
    """Return the user id of the process at the other end of a Unix socket, as the kernel recorded it when it
    connected. Raises OSError."""
    if sys.platform == "darwin":
        told = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, _XUCRED_BYTES)
        return int(_MACOS.unpack_from(told)[1])
    return int(_LINUX.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _LINUX.size))[1])


def os_user(number: int) -> str:
    """Return the account of a user id; `uid:1000` without one, as containers have."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid:{number}"


def name_own_user() -> str:
    """Return the user of this process as the audit log names those who act."""
    return f"{Origin.TERMINAL}:{os_user(os.getuid())}"


async def terminal_actor(
    settings: Settings,
    user: str,
    known: ChangeRows,
    people: People | None = None,
    seconds: float = SLACK_SECONDS,
) -> Actor:
    """Return the user as an actor. With an entry in `terminal.people` it is that person, who may also write.

    `people` asks Slack for the account's standing, groups, name and time zone. If Slack does not say within
    `seconds`, the person is taken for a member in no group, with the name and zone of their last request in
    Slack: without one the id stands for the name, and a time without a zone is refused.
    """
    team = settings.slack.team or ""
    person = settings.terminal.people.get(user, "")
    if not person:
        return Actor(origin=Origin.TERMINAL, id=user, name=user, team=team)
    found = await _ask_slack(people, person, team, seconds) if people else None
    if found is not None:
        return replace(found, origin=Origin.TERMINAL, id=user, name=found.name or person, person=person)
    name, zone = await known.last_seen(person, user)
    return Actor(
        origin=Origin.TERMINAL, id=user, name=name or person, team=team, person=person, time_zone=zone
    )


async def _ask_slack(people: People, person: str, team: str, seconds: float) -> Actor | None:
    """Return the person as Slack knows them; None if Slack does not say in time."""
    try:
        async with asyncio.timeout(seconds):
            found = await people(person, team)
    except TimeoutError:
        return None
    return None if found.standing is AccountStatus.UNKNOWN else found

"""From the owner that app.yaml names to people whom Slack can notify."""

import re

from bot.config import Settings

_USER = re.compile(r"[UW][A-Z0-9]{2,}")


def people_of(owner: str | None, settings: Settings) -> tuple[str, ...]:
    """Slack user ids: the owner's own, or those listed under a role of that name, with or without an @.

    Empty for nobody, for a Slack user group, and for a name that stands for nobody we know.
    """
    name = (owner or "").removeprefix("@")
    if _USER.fullmatch(name):
        return (name,)
    return tuple(member for member in settings.people.get(name, ()) if _USER.fullmatch(member))

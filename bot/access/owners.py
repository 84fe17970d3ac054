"""From the owner that app.yaml names to people whom Slack can notify."""

import re
from collections.abc import Iterable
from datetime import timedelta

from bot.domain.reply import Mention, Part
from bot.settings.model import Settings

_USER = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")


def people_of(owner: str | None, settings: Settings) -> tuple[str, ...]:
    """Return Slack user ids: the owner's own, or the members of a role of that name, with or without an @.

    Empty for no owner, for a Slack user group, and for an unknown name.
    """
    return tuple(each for each in members_of(owner, settings) if _USER.fullmatch(each))


def members_of(owner: str | None, settings: Settings) -> tuple[str, ...]:
    """Return the same with the ids of user groups: everybody that a mention in Slack reaches."""
    name = (owner or "").removeprefix("@")
    members = settings.people.get(name, (name,))
    return tuple(each for each in members if _USER.fullmatch(each) or _GROUP.fullmatch(each))


def mention_owners(
    owners: Iterable[str | None], settings: Settings, every: timedelta | None = None
) -> list[Part]:
    """Return a part that mentions the people behind these owners, each once; none where nobody is known."""
    people = dict.fromkeys(person for each in owners for person in people_of(each, settings))
    return [Mention(tuple(people), every)] if people else []

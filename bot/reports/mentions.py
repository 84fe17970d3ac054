"""Whom a report mentions: those whose turn it is, and nobody else."""

from collections.abc import Iterable

from bot.access.owners import people_of
from bot.domain.reply import Mention, Part
from bot.settings.model import Settings


def mentions(owners: Iterable[str | None], settings: Settings) -> list[Part]:
    """The people behind these owners, each once; no part where nobody is known."""
    people = dict.fromkeys(person for each in owners for person in people_of(each, settings))
    return [Mention(tuple(people))] if people else []

"""Closed choices as people, both APIs, Terraform and ionosctl spell them: one reading for all."""

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BeforeValidator

_SEPARATORS = re.compile(r"[\s_\-\u2010-\u2015\u2212]+")

ON = frozenset({"on", "true", "yes", "enable", "enabled", "1"})
OFF = frozenset({"off", "false", "no", "disable", "disabled", "0"})
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ALSO = {"on": ON, "off": OFF, "disabled": OFF} | {
    spelled: frozenset({day, day[:3]}) for day in _WEEK for spelled in (day, day[:3])
}
"""Other words for a choice. They count where none of the choices is spelled so itself."""


def list_choices(kind: Any) -> list[str]:
    """Return the words that a type takes, if it takes only some; a yes or no has none."""
    if get_origin(kind) is Literal:
        return [str(each) for each in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(each.value) for each in kind]
    return [each for part in get_args(kind) if part is not Ellipsis for each in list_choices(part)]


def split_choice(choice: str) -> list[str]:
    """Return the words of a choice, as people type them apart: three of `still-on-v1`."""
    return _SEPARATORS.split(choice)


def find_choice(typed: object, choices: Iterable[str]) -> str | None:
    """Return the choice that is meant, in any case and with any separators; None for none of them."""
    folded = _fold(typed)
    by_word = {_fold(each): each for each in choices}
    if folded in by_word:
        return by_word[folded]
    return next((each for word, each in by_word.items() if folded in _ALSO.get(word, ())), None)


def find_switch(typed: object) -> bool | None:
    """Return what a yes or no says; None where it says neither."""
    folded = _fold(typed)
    return True if folded in ON else False if folded in OFF else None


def read_choice(typed: object, choices: Sequence[str]) -> object:
    """Return the choice that is meant, for each of several; anything else as it is."""
    if isinstance(typed, list | tuple):
        return [read_choice(each, choices) for each in typed]
    found = find_choice(typed, choices) if isinstance(typed, str | bool) else None
    return typed if found is None else found


def spelled_freely(kind: Any) -> BeforeValidator:
    """Return the validator that reads a closed choice of the settings as commands do."""
    choices = list_choices(kind)
    return BeforeValidator(lambda typed: read_choice(typed, choices))


def _fold(typed: object) -> str:
    return _SEPARATORS.sub("", str(typed).casefold())

"""Reasons for which a psql script stops before it changes anything; their SQL is in sql/guards.sql."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_GUARD = re.compile(r"^-- (?P<name>[a-z ]+): (?P<reason>.+)\n(?P<row>(?:(?!--).+\n)+)", re.MULTILINE)


_WORDS = {"role": "user", "heir": "new owner"}
"""Words for people, where a variable is called otherwise."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A reason to stop: for people, and as the condition and the message of an SQL row."""

    reason: str
    row: str


def find_guard(name: str, subject: str = "") -> Guard:
    """Return a guard by its name; `subject` is the variable or common table expression that it is about."""
    reason, row = _read_guards()[name]
    return Guard(reason.replace("{}", _WORDS.get(subject, subject)), row.replace("{}", subject))


@cache
def read_sql(name: str) -> str:
    """Return a file of SQL by its name."""
    return files("bot.domain.psql").joinpath("sql", name).read_text(encoding="utf-8")


@cache
def _read_guards() -> dict[str, tuple[str, str]]:
    return {
        found["name"]: (found["reason"], found["row"]) for found in _GUARD.finditer(read_sql("guards.sql"))
    }

"""What a handler says. Renderers turn it into Block Kit, plain text or JSON; it knows none of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

Cell = str | int | float | datetime | None
"""One value of a table or field. None is shown as a dash: the answer did not say."""


class Audience(StrEnum):
    """Who should see a reply when it was asked for in a channel."""

    PRIVATE = "private"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. Plain words: names from outside need no escaping here, the renderer does that."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A quiet line below the rest: what was left out, what to do next."""

    text: str


@dataclass(frozen=True, slots=True)
class Warn:
    """A line that must not be missed: a region that did not answer, a change that cannot be undone."""

    text: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and values of one thing."""

    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of several things, all of them: a renderer that cannot show so many shows what fits.

    `name` names the file that then holds the whole. `again` is the command that makes this table and
    takes `--skip N`; it is what a button for the next rows runs. `skipped` says how many rows of the
    beginning are left out already.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    name: str = "table"
    again: str = ""
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Code:
    """Text whose every character counts: a command, SQL, a log."""

    text: str


@dataclass(frozen=True, slots=True)
class File:
    """Something to keep, sent by direct message in Slack and written out in the terminal."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. Pressing it runs `command` as whoever pressed it: it grants nothing that typing does not."""

    label: str
    command: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """Buttons in a row."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """People who are to be told, by Slack id, or a user group's; the only way in which a reply notifies."""

    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers along `labels`: each series has a name and a number for every label, in their order.

    A chart only shows the shape of what a table or a sentence beside it says in numbers.
    """

    caption: str
    kind: Literal["line", "bar", "area"]
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


Part = Text | Note | Warn | Fields | Table | Code | File | Choices | Mention | Chart


@dataclass(frozen=True, slots=True)
class Reply:
    """A title that says the essential, and the parts in reading order."""

    title: str
    parts: tuple[Part, ...] = ()
    audience: Audience = Audience.PRIVATE
    ok: bool = True

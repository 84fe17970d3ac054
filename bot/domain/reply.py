"""The answer of a handler. Renderers turn it into Block Kit, plain text or JSON."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

from bot.domain.cluster import Gap
from bot.domain.error_codes import ExitCode
from bot.domain.result import CommandResult, Output

GAP_WARNING = "Could not read "
"""The beginning of a warning about a place that did not respond; a report with one is partial."""

Cell = str | int | float | datetime | None
"""One value of a table or field. None is shown as a dash: the answer did not say."""

T = TypeVar("T")


class Audience(StrEnum):
    """The readers of a reply to a command typed in a channel."""

    PRIVATE = "private"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. Plain words: names from outside need no escaping here, the renderer does that."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A quiet line at the end: omissions, next steps. `gaps` are what it says could not be read."""

    text: str
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Warn:
    """A line that must not be missed: a region that did not answer, a change that cannot be undone.

    `gap` is what could not be read, where the line says that.
    """

    text: str
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and values of one thing."""

    pairs: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column of a table of records; `cell` words one of them.

    `key` is what `--columns` takes; without one it is the label in lower case, with dashes for blanks. On a
    screen a column with `is_wide` is shown only on request, and one with `warns` whenever a row has a value
    in it, whatever a person has chosen before.
    """

    label: str
    key: str = ""
    is_wide: bool = False
    warns: bool = False
    cell: Callable[[T], Cell] = field(default=lambda _record: None, compare=False, repr=False)

    @property
    def name(self) -> str:
        return self.key or _slug(self.label)


def wide(label: str, key: str = "", *, cell: Callable[[T], Cell] = lambda _record: None) -> Column[T]:
    """Return a column that screens show only on request."""
    return Column(label, key, is_wide=True, cell=cell)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with all its rows; a renderer with limits shows as many as it can.

    A column that is only a label is shown on every screen. `shown` has the keys of the columns that a person
    has chosen for screens, in that order, or “all”; empty for those that are not wide. `name` names the file
    that holds the whole. `again` is the command line of the button for the next rows; it takes `--skip N`.
    `skipped` counts the leading rows that are left out already. `records` are what the rows show, in their
    order, where `make_table` has made them.
    """

    caption: str
    columns: tuple[str | Column[Any], ...]
    rows: tuple[tuple[Cell, ...], ...]
    name: str = "table"
    again: str = ""
    skipped: int = 0
    shown: tuple[str, ...] = ()
    records: tuple[Any, ...] = ()

    @property
    def declared(self) -> tuple[Column[Any], ...]:
        return tuple(each if isinstance(each, Column) else Column(each) for each in self.columns)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(each.label for each in self.declared)


def make_table(caption: str, columns: Sequence[Column[T]], records: Iterable[T], *, name: str = "") -> Table:
    """Return the table with a row for each record, as its columns word it. Without a name, it is the caption
    in lower case, with dashes for blanks."""
    shown = tuple(records)
    rows = tuple(tuple(column.cell(each) for column in columns) for each in shown)
    return Table(caption, tuple(columns), rows, name or _slug(caption), records=shown)


def _slug(label: str) -> str:
    return label.casefold().replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Code:
    """Text whose every character counts: a command, SQL, a log."""

    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file, sent by direct message in Slack and written by the terminal, which makes `folder` where one is
    named and else takes the working directory."""

    name: str
    content: bytes
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button. Pressing it runs `command` as the person who pressed: it grants nothing beyond typing."""

    label: str
    command: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """Buttons in a row."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing to look at or act on: what it is, a line each to know about it, and its buttons."""

    title: str
    lines: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkList:
    """A few things of one kind. `empty` stands in place of no items and says what to do; `pages` are buttons
    to the others, which take the place of these."""

    caption: str
    items: tuple[WorkItem, ...]
    empty: str = ""
    pages: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """People or user groups to notify, by Slack id; nothing else in a reply notifies.

    A report mentions them with news, and with `every` also without, once so long after it last did.
    """

    people: tuple[str, ...]
    every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers along `labels`: each series has a name and one number per label, in order.

    A chart repeats the numbers of a table or sentence beside it.
    """

    caption: str
    kind: Literal["line", "bar", "area"]
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


Part = Text | Note | Warn | Fields | Table | Code | File | Choices | WorkList | Mention | Chart


def show_table(
    caption: str, columns: Sequence[Column[T]], records: Sequence[T], *, name: str = ""
) -> list[Part]:
    """Return the table as `make_table` does; nothing without records."""
    return [make_table(caption, columns, records, name=name)] if records else []


def warn_of_gaps(gaps: Iterable[Gap]) -> list[Part]:
    return [Warn(f"{GAP_WARNING}{gap}", gap) for gap in gaps]


@dataclass(frozen=True, slots=True)
class Reply:
    """A title with the result in words, and the parts in reading order.

    `result` is the same for programs, typed: JSON, CSV and exit codes are made from it. `output` is the form
    that was asked for, `fields` are the columns then chosen.
    """

    title: str
    parts: tuple[Part, ...] = ()
    audience: Audience = Audience.PRIVATE
    ok: bool = True
    result: CommandResult | None = field(default=None, hash=False)
    output: Output = Output.SCREEN
    fields: tuple[str, ...] = ()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        found = (
            part.gaps if isinstance(part, Note) else (part.gap,)
            for part in self.parts
            if isinstance(part, Note | Warn)
        )
        return tuple(gap for gaps in found for gap in gaps if gap is not None)

    @property
    def exit_code(self) -> ExitCode:
        if self.result is not None and self.result.exit_code is not ExitCode.OK:
            return self.result.exit_code
        if self.gaps:
            return ExitCode.PARTIAL
        return ExitCode.OK if self.ok else ExitCode.FAILED

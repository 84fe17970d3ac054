"""A reply in a form that is stored, and the differences between two in exact sentences; pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.domain.phrases import format_count, join_some
from bot.domain.reply import GAP_WARNING, Cell, Chart, Fields, Reply, Table, Warn
from bot.domain.stored_values import Provenance

_TIMES = re.compile(
    r"\b(?:in )?\d{1,9}(?:,\d{3}){0,3} (?:minute|hour|day|month|year)s?(?: ago| more)?\b"
    r"|\bless than a minute\b(?: ago)?|\bjust now\b"
    r"|\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?(?: UTC|Z)?)?"
)

MAX_SENTENCES = 12
"""Sentences that are said; the rest is counted, and the details have all of it."""

T = TypeVar("T")

_TODAY = {
    "Backups that need a look": "Backups that need attention",
    "Backups that nobody could look at": "Backups that could not be read",
    "Waivers about to lapse": "Waivers about to expire",
    "What clusters can be restored to": "Recovery windows",
    "Changed around the bot": "Changed outside the bot",
    "Without a trace at IONOS": "Not recorded by IONOS",
    "Waivers of app.yaml": "Waivers in app.yaml",
    "Active": "Current backup",
    "Asked by": "Requester",
    "Cannot tell": "Could not be read",
    "How we know": "Evidence",
    "Kept days": "Retention (days)",
    "Look wrong": "With problems",
    "Made by": "Created by",
    "Newest": "Latest",
    "On v2 alone": "Only on v2",
    "Seen": "Evidence",
    "What it says": "Message",
    "Worst": "Worst finding",
}
"""Names of tables, columns and fields in earlier releases, which stored results and settings of reports still
have, each with the one that it has now."""


def _current_heading(heading: str) -> str:
    return _TODAY.get(heading, heading)


def _rename_headings(stored: Mapping[str, T]) -> dict[str, T]:
    return {_current_heading(name): value for name, value in stored.items()}


_Cells = Annotated[dict[str, str], AfterValidator(_rename_headings)]


class SnapshotTable(BaseModel):
    """A table: its rows by name, each with its cells by column.

    `unseen` names the rows that are carried over from an earlier run, since they could not be read since.
    """

    model_config = ConfigDict(frozen=True)
    rows: dict[str, _Cells] = {}
    count: int = 0
    unseen: tuple[str, ...] = ()

    @property
    def is_only_counted(self) -> bool:
        """Return whether its rows have no names of their own."""
        return bool(self.count and not self.rows)


class ReportSnapshot(BaseModel):
    """A reply without what only time has changed: sections by caption, values by name, warnings, title.

    `provenance` tells what it was derived from; see `bot.domain.stored_values`. `reminded_at` is the time of
    the last run that mentioned people who are to be reminded.
    """

    model_config = ConfigDict(frozen=True)
    title: str = ""
    sections: Annotated[dict[str, SnapshotTable], AfterValidator(_rename_headings)] = {}
    values: _Cells = {}
    warnings: tuple[str, ...] = ()
    is_partial: bool = False
    provenance: Provenance = {}
    reminded_at: datetime | None = None


def take_snapshot(reply: Reply, provenance: Provenance | None = None) -> ReportSnapshot:
    """Return the snapshot to store. Charts are left out: they only show what tables and sentences say."""
    tables = [part for part in reply.parts if isinstance(part, Table)]
    values = [pair for part in reply.parts if isinstance(part, Fields) for pair in part.pairs]
    warnings = [part.text for part in reply.parts if isinstance(part, Warn)]
    return ReportSnapshot(
        title=reply.title,
        sections={each.caption: _table_snapshot(each) for each in tables},
        values={name: said for name, cell in values if (said := _cell_text(cell))},
        warnings=tuple(said for each in warnings if (said := strip_times(each))),
        is_partial=any(each.startswith(GAP_WARNING) for each in warnings),
        provenance=provenance or {},
    )


def select_parts(reply: Reply, sections: tuple[str, ...], muted: tuple[str, ...]) -> Reply:
    """Return the reply with only the selected tables and charts; parts without a caption stay."""
    kept = tuple(
        each
        for each in reply.parts
        if not isinstance(each, Table | Chart) or _is_named(each.caption, sections, muted)
    )
    return Reply(reply.title, kept, reply.audience, ok=reply.ok)


def select_tables(
    content: ReportSnapshot, sections: tuple[str, ...], muted: tuple[str, ...]
) -> ReportSnapshot:
    """Return the snapshot with only the selected tables. All of them are stored, so that muting one and
    showing it again are no news."""
    requested = {
        caption: section
        for caption, section in content.sections.items()
        if _is_named(caption, sections, muted)
    }
    return content.model_copy(update={"sections": requested})


def _is_named(caption: str, sections: tuple[str, ...], muted: tuple[str, ...]) -> bool:
    name = caption.casefold()
    requested, hidden = ({_current_heading(each).casefold() for each in names} for names in (sections, muted))
    return (not sections or name in requested) and name not in hidden


def strip_times(text: str) -> str:
    """Return the text without ages and times, since they change by themselves."""
    return " ".join(_TIMES.sub("…", text).split())


def _table_snapshot(table: Table) -> SnapshotTable:
    """Return a snapshot with rows named by their first cells, if these are unique, else only counted."""
    names = [row[0] if row else None for row in table.rows]
    if not all(isinstance(each, str) for each in names) or len(set(names)) != len(names):
        return SnapshotTable(count=len(names))
    rows = {
        str(row[0]): {
            column: said
            for column, cell in zip(table.labels[1:], row[1:], strict=False)
            if (said := _cell_text(cell))
        }
        for row in table.rows
    }
    return SnapshotTable(rows=rows, count=len(rows))


def _cell_text(cell: Cell) -> str:
    if cell is None or isinstance(cell, datetime):
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    said = strip_times(str(cell))
    return "" if said == "…" else said


def describe_differences(before: ReportSnapshot, now: ReportSnapshot) -> list[str]:
    """Return the differences as sentences, worst first; empty when nothing has changed.

    Where an endpoint did not respond, missing rows are not called gone, and numbers are qualified. What has
    never been seen before is new.
    """
    captions = dict.fromkeys([*now.sections, *before.sections])
    found = [
        *_warnings(before, now),
        *_values(before, now),
        *(each for caption in captions for each in _section(caption, before, now)),
    ]
    more = len(found) - MAX_SENTENCES
    return [*found[:MAX_SENTENCES], *([f"And {format_count(more, 'more change')}."] if more > 0 else [])]


def carry_over(before: ReportSnapshot, now: ReportSnapshot) -> ReportSnapshot:
    """Return the snapshot to store: `now`, with the rows of `before` that could not be read this time, marked
    as unseen."""
    if not now.is_partial:
        return now
    sections = dict(now.sections)
    for caption, old in before.sections.items():
        new = sections.get(caption, SnapshotTable())
        unseen = {name: row for name, row in old.rows.items() if name not in new.rows}
        if unseen and not new.is_only_counted:
            rows = {**new.rows, **unseen}
            sections[caption] = SnapshotTable(rows=rows, count=len(rows), unseen=tuple(unseen))
    return now.model_copy(update={"sections": sections})


def _warnings(before: ReportSnapshot, now: ReportSnapshot) -> Iterator[str]:
    yield from (f"New warning: {each}" for each in now.warnings if each not in before.warnings)
    yield from (f"No longer a warning: {each}" for each in before.warnings if each not in now.warnings)


def _values(before: ReportSnapshot, now: ReportSnapshot) -> Iterator[str]:
    for name, value in now.values.items():
        was = before.values.get(name)
        if was is None:
            yield f"{name}: {value}{_as_far(now)}, was not reported."
        elif was != value:
            yield f"{name}: {value}{_as_far(now)}, was {was}{_as_far(before)}."
    yield from (
        f"{name}: no longer reported, was {was}."
        for name, was in before.values.items()
        if name not in now.values
    )


def _as_far(content: ReportSnapshot) -> str:
    return " (incomplete)" if content.is_partial else ""


def _section(caption: str, before: ReportSnapshot, now: ReportSnapshot) -> Iterator[str]:
    old, new = before.sections.get(caption, SnapshotTable()), now.sections.get(caption, SnapshotTable())
    if old.is_only_counted or new.is_only_counted:
        if old.count != new.count:
            rows = f"{format_count(new.count, 'row')}{_as_far(now)}"
            yield f"{caption}: {rows}, was {old.count:,}{_as_far(before)}."
        return
    added = [name for name in new.rows if name not in old.rows]
    gone = [name for name in old.rows if name not in new.rows]
    if added:
        yield f"New under “{caption}”: {join_some(added)}."
    if now.is_partial:
        gone = [name for name in gone if name not in old.unseen]
    if gone:
        words = "Not seen this time" if now.is_partial else "No longer"
        yield f"{words} under “{caption}”: {join_some(gone)}."
    for name, row in new.rows.items():
        if name in old.rows and row != old.rows[name]:
            yield f"{name}: {', '.join(_cells(old.rows[name], row))}."


def _cells(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for column in dict.fromkeys([*new, *old]):
        was, value = old.get(column), new.get(column)
        if was != value:
            yield f"{column} is {value or 'not reported'}, was {was or 'not reported'}"

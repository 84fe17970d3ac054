"""A reply in a form that is stored and compared with the next one."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from bot.domain.reply import GAP_WARNING, Cell, Chart, Fields, Part, Reply, Table, Warn
from bot.domain.stored_values import Provenance
from bot.reports.renamed_headings import current_heading, rename_headings

_TIMES = re.compile(
    r"\b(?:in )?\d{1,9}(?:,\d{3}){0,3} (?:minute|hour|day|month|year)s?(?: ago| more)?\b"
    r"|\bless than a minute\b(?: ago)?|\bjust now\b"
    r"|\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?(?: UTC|Z)?)?"
)


_Cells = Annotated[dict[str, str], AfterValidator(rename_headings)]


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
    sections: Annotated[dict[str, SnapshotTable], AfterValidator(rename_headings)] = {}
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
    kept = tuple(each for each in reply.parts if _is_selected(each, sections, muted))
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


def _is_selected(part: Part, sections: tuple[str, ...], muted: tuple[str, ...]) -> bool:
    return not isinstance(part, Table | Chart) or _is_named(part.caption, sections, muted)


def _is_named(caption: str, sections: tuple[str, ...], muted: tuple[str, ...]) -> bool:
    name = caption.casefold()
    requested = not sections or name in {current_heading(each).casefold() for each in sections}
    return requested and name not in {current_heading(each).casefold() for each in muted}


def strip_times(text: str) -> str:
    """Return the text without ages and times, since they change by themselves."""
    return " ".join(_TIMES.sub("…", text).split())


def _table_snapshot(table: Table) -> SnapshotTable:
    """Return a table's snapshot. A row is named by its first cell where that is unique; else rows are only
    counted."""
    firsts = [row[0] if row else None for row in table.rows]
    names = [each if isinstance(each, str) else None for each in firsts]
    if len(set(names)) != len(names) or None in names:
        return SnapshotTable(count=len(names))
    labels = table.labels
    rows = {
        str(row[0]): {
            column: said
            for column, cell in zip(labels[1:], row[1:], strict=False)
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

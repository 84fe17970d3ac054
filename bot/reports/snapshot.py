"""What a reply said, in a form that is kept and can be held against what it says next time."""

import re
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.domain.reply import Cell, Chart, Fields, Part, Reply, Table, Warn

_TIMES = re.compile(
    r"\b(?:in )?\d[\d,]* (?:minute|hour|day|month|year)s?(?: ago| more)?\b"
    r"|\bless than a minute\b(?: ago)?|\bjust now\b"
    r"|\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?(?: UTC|Z)?)?"
)
UNSEEN = "Could not look at "
"""How commands begin the warning that names a place which did not answer."""


class SnapshotTable(BaseModel):
    """A table: its rows by what they are called, each with its cells by column.

    `unseen` names the rows that are kept from an earlier time, since they could not be looked at since.
    """

    model_config = ConfigDict(frozen=True)
    rows: dict[str, dict[str, str]] = {}
    count: int = 0
    unseen: tuple[str, ...] = ()

    @property
    def is_only_counted(self) -> bool:
        """Whether its rows have no names of their own."""
        return bool(self.count and not self.rows)


class ReportSnapshot(BaseModel):
    """A reply without what only time has changed: sections by caption, values by name, warnings, title."""

    model_config = ConfigDict(frozen=True)
    title: str = ""
    sections: dict[str, SnapshotTable] = {}
    values: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    is_partial: bool = False


def content(reply: Reply) -> ReportSnapshot:
    """What to keep of it. Charts are not kept: they only show what tables and sentences say."""
    tables = [part for part in reply.parts if isinstance(part, Table)]
    values = [pair for part in reply.parts if isinstance(part, Fields) for pair in part.pairs]
    warnings = [part.text for part in reply.parts if isinstance(part, Warn)]
    return ReportSnapshot(
        title=reply.title,
        sections={each.caption: _section(each) for each in tables},
        values={name: said for name, cell in values if (said := _timeless(cell))},
        warnings=tuple(said for each in warnings if (said := timeless(each))),
        is_partial=any(each.startswith(UNSEEN) for each in warnings),
    )


def shown(reply: Reply, sections: tuple[str, ...], muted: tuple[str, ...]) -> Reply:
    """The reply with the wanted tables and charts alone; everything that has no caption stays."""
    kept = tuple(each for each in reply.parts if _is_wanted(each, sections, muted))
    return Reply(reply.title, kept, reply.audience, ok=reply.ok)


def told_of(content: ReportSnapshot, sections: tuple[str, ...], muted: tuple[str, ...]) -> ReportSnapshot:
    """The content with the wanted tables alone. All of them are kept, so that muting one is no news of it,
    and neither is showing it again."""
    wanted = {
        caption: section
        for caption, section in content.sections.items()
        if _is_named(caption, sections, muted)
    }
    return content.model_copy(update={"sections": wanted})


def _is_wanted(part: Part, sections: tuple[str, ...], muted: tuple[str, ...]) -> bool:
    return not isinstance(part, Table | Chart) or _is_named(part.caption, sections, muted)


def _is_named(caption: str, sections: tuple[str, ...], muted: tuple[str, ...]) -> bool:
    name = caption.casefold()
    wanted = not sections or name in {each.casefold() for each in sections}
    return wanted and name not in {each.casefold() for each in muted}


def timeless(text: str) -> str:
    """The text with every age and time left out, since they change by themselves."""
    return " ".join(_TIMES.sub("…", text).split())


def _section(table: Table) -> SnapshotTable:
    """A row is called by its first cell where that is a name of its own; else rows are only counted."""
    firsts = [row[0] if row else None for row in table.rows]
    names = [each if isinstance(each, str) else None for each in firsts]
    if len(set(names)) != len(names) or None in names:
        return SnapshotTable(count=len(names))
    rows = {
        str(row[0]): {
            column: said
            for column, cell in zip(table.columns[1:], row[1:], strict=False)
            if (said := _timeless(cell))
        }
        for row in table.rows
    }
    return SnapshotTable(rows=rows, count=len(rows))


def _timeless(cell: Cell) -> str:
    if cell is None or isinstance(cell, datetime):
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    said = timeless(str(cell))
    return "" if said == "…" else said

"""A reply as plain text for the terminal, as one paragraph for fallbacks, and its tables as CSV."""

import itertools
import operator
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import singledispatch
from zoneinfo import ZoneInfo

from bot.domain.delimited_text import format_csv
from bot.domain.reply import (
    Cell,
    Chart,
    Choices,
    Code,
    Fields,
    File,
    Mention,
    Note,
    Part,
    Reply,
    Table,
    Text,
    Warn,
    WorkItem,
    WorkList,
)
from bot.domain.sparkline import draw_sparkline, format_change
from bot.domain.table_columns import hidden_columns, screen_table, square_table, widen
from bot.domain.text_safety import DASH, clip_text, escape_invisible, escape_invisible_line, terminal_width
from bot.domain.times import in_both

SUMMARY_LIMIT = 1_500
_SUMMARY_ROWS = 5
_SUMMARY_COLUMNS = 5
_PADDED_COLUMNS = 60
"""Columns of the screen up to which cells are padded; a longer cell pushes only its own row aside."""


def format_cell(cell: Cell) -> str:
    """A cell as people read it, not yet made safe for any screen. None and blank text are a dash; a time in
    somebody's zone is said in both."""
    if cell is None:
        return DASH
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        if isinstance(cell.tzinfo, ZoneInfo) and cell.tzinfo.key:
            return in_both(cell, cell.tzinfo.key)
        at = _utc(cell)
        shown = "minutes" if at.second == 0 and at.microsecond == 0 else "seconds"
        return at.replace(tzinfo=None).isoformat(" ", shown) + " UTC"
    return str(cell) if str(cell).strip() else DASH


def format_title(reply: Reply) -> str:
    """The title on one line, said to be an error where it is one."""
    title = escape_invisible_line(reply.title) or DASH
    return title if reply.ok else f"Error: {title}"


def render_plain(reply: Reply, *, is_whole: bool = False) -> str:
    """For the terminal. What could move the cursor or forge a line is written out as an escape.

    Newlines are kept in `Text`, `Note`, `Warn` and `Code`; in titles, cells and labels they are written out.
    With `is_whole`, tables have the columns too that a screen shows only on request.
    """
    reply = widen(reply) if is_whole else reply
    sections = [format_title(reply)]
    for kind, run in itertools.groupby(reply.parts, type):
        shown = [text for part in run if (text := _plain(part))]
        sections += ["\n".join(shown)] if kind in (Note, Warn, File) and shown else shown
    return "\n\n".join(sections) + "\n"


def summarize(reply: Reply, limit: int = SUMMARY_LIMIT) -> str:
    """The essentials in at most `limit` code points: title, warnings, then the rest with its first rows."""
    urgent = [f"Warning: {escape_invisible(part.text)}" for part in reply.parts if isinstance(part, Warn)]
    rest = [_spoken(part) for part in reply.parts if not isinstance(part, Warn | Choices)]
    return clip_text("\n".join(filter(None, [format_title(reply), *urgent, *rest])), limit)


def to_csv(table: Table) -> bytes:
    """Return the table as people see it, as CSV."""
    table = square_table(table)
    return format_csv(table.labels, table.rows)


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def render_part(part: Part) -> str:
    """One part for the terminal, as `render_plain` has it; empty where it has nothing to say."""
    return _plain(part)


@singledispatch
def _plain(part: Part) -> str:
    raise TypeError(f"no text for {type(part).__name__}")


@_plain.register
def _(part: Text) -> str:
    return escape_invisible(part.text).strip("\n")


@_plain.register
def _(part: Note) -> str:
    return escape_invisible(part.text).strip("\n")


@_plain.register
def _(part: Warn) -> str:
    return "Warning: " + escape_invisible(part.text).strip("\n").replace("\n", "\n         ")


@_plain.register
def _(part: Fields) -> str:
    pairs = [
        (escape_invisible_line(name) + ":", escape_invisible_line(format_cell(cell)))
        for name, cell in part.pairs
    ]
    return "\n".join(_aligned(pairs, "<<"))


@_plain.register
def _(part: Table) -> str:
    table = screen_table(part)
    caption = escape_invisible_line(table.caption) or "Table"
    if not table.rows:
        return f"{caption}: none"
    cells = [
        [escape_invisible_line(format_cell(cell)) for cell in row] for row in (table.labels, *table.rows)
    ]
    lines = _aligned(cells, [column_side(column) for column in zip(*table.rows, strict=True)])
    rule = "─" * min(max(map(terminal_width, lines)), 4 * _PADDED_COLUMNS)
    hidden = ", ".join(each.name for each in hidden_columns(part))
    more = [f"More columns with --wide: {escape_invisible_line(hidden)}"] if hidden else []
    return "\n".join([caption, lines[0], rule, *lines[1:], *more])


@_plain.register
def _(part: Code) -> str:
    return "\n".join("    " + line for line in escape_invisible(part.text).split("\n")).rstrip()


@_plain.register
def _(part: File) -> str:
    return f"File: {escape_invisible_line(part.name)} ({len(part.content):,} bytes)"


@_plain.register
def _(part: Choices) -> str:
    # A form opens in Slack only: here the same line is typed.
    typed = [(one.label, one.command.removesuffix(" --form")) for one in part.choices]
    return "\n".join(
        f"{escape_invisible_line(label)}: {escape_invisible_line(command)}" for label, command in typed
    )


@_plain.register
def _(part: WorkList) -> str:
    items = [
        "\n".join([f"- {escape_invisible_line(each.title)}", *(f"    {line}" for line in _item_lines(each))])
        for each in part.items
    ]
    shown = items or [escape_invisible(part.empty)]
    pages = [_plain(Choices(part.pages))] if part.pages else []
    return "\n".join([escape_invisible_line(part.caption), *shown, *pages])


def _item_lines(item: WorkItem) -> list[str]:
    buttons = _plain(Choices(item.choices)).split("\n") if item.choices else []
    return [*map(escape_invisible_line, item.lines), *buttons]


@_plain.register
def _(part: Mention) -> str:
    return "For " + ", ".join(escape_invisible_line(each) for each in part.people) if part.people else ""


@_plain.register
def _(part: Chart) -> str:
    return draw_bars(part)


def draw_bars(part: Chart) -> str:
    """A chart in lines of text: a name, a sparkline, and the first and last number."""
    caption = escape_invisible_line(part.caption) or "Chart"
    if not part.labels or not part.series:
        return f"{caption}: none"
    span = f" ({escape_invisible_line(part.labels[0])} to {escape_invisible_line(part.labels[-1])})"
    rows = [
        [escape_invisible_line(name), draw_sparkline(values), format_change(values)]
        for name, values in part.series
    ]
    return "\n".join([f"{caption}{span}", *_aligned(rows, "<<<")])


def column_side(column: Iterable[Cell]) -> str:
    """The side to which a column is aligned: `>` where it holds numbers alone."""
    numeric = all(isinstance(cell, int | float | None) and not isinstance(cell, bool) for cell in column)
    return ">" if numeric else "<"


def _aligned(rows: Sequence[Sequence[str]], sides: Sequence[str]) -> list[str]:
    taken = [list(map(terminal_width, row)) for row in rows]
    widths = [min(max(column), _PADDED_COLUMNS) for column in zip(*taken, strict=True)]
    return [
        "  ".join(map(_padded, row, map(operator.sub, widths, own), sides)).rstrip()
        for row, own in zip(rows, taken, strict=True)
    ]


def _padded(text: str, missing: int, side: str) -> str:
    gap = " " * missing
    return gap + text if side == ">" else text + gap


@singledispatch
def _spoken(part: Part) -> str:
    return _plain(part)


@_spoken.register
def _(part: Fields) -> str:
    return ", ".join(
        f"{escape_invisible_line(name)}: {escape_invisible_line(format_cell(cell))}"
        for name, cell in part.pairs
    )


@_spoken.register
def _(part: WorkList) -> str:
    titles = [escape_invisible_line(each.title) for each in part.items[:_SUMMARY_ROWS]]
    return f"{escape_invisible_line(part.caption)}: {'; '.join(titles) or escape_invisible(part.empty)}"


@_spoken.register
def _(part: Table) -> str:
    table = screen_table(part)
    caption = escape_invisible_line(table.caption) or "Table"
    if not table.rows:
        return f"{caption}: none"
    lines = [_row_in_words(table.labels, row) for row in table.rows[:_SUMMARY_ROWS]]
    more = len(table.rows) - len(lines)
    return "\n".join([f"{caption}:", *lines, *([f"and {more} more"] if more else [])])


def _row_in_words(columns: Sequence[str], row: Sequence[Cell]) -> str:
    cells = [escape_invisible_line(format_cell(cell)) for cell in row[:_SUMMARY_COLUMNS]]
    named = [
        f"{escape_invisible_line(name)} {cell}" for name, cell in zip(columns[1:], cells[1:], strict=False)
    ]
    return ", ".join(cells[:1] + named)

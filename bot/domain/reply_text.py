"""A reply as plain text, as blocks for a terminal to draw, and as one paragraph for fallbacks."""

import itertools
import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import singledispatch
from typing import Any
from zoneinfo import ZoneInfo

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
from bot.domain.table_columns import hidden_columns, screen_table, widen
from bot.domain.text_safety import DASH, clip_text, escape_invisible, escape_invisible_line, terminal_width
from bot.domain.times import in_both, say_locally

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
        at = cell.replace(tzinfo=UTC) if cell.tzinfo is None else cell.astimezone(UTC)
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
        shown = [text for part in run if (text := render_part(part))]
        sections += ["\n".join(shown)] if kind in (Note, Warn, File) and shown else shown
    return "\n\n".join(sections) + "\n"


def summarize(reply: Reply, limit: int = SUMMARY_LIMIT) -> str:
    """The essentials in at most `limit` code points: title, warnings, then the rest with its first rows."""
    urgent = [f"Warning: {escape_invisible(part.text)}" for part in reply.parts if isinstance(part, Warn)]
    rest = [_spoken(part) for part in reply.parts if not isinstance(part, Warn | Choices)]
    return clip_text("\n".join(filter(None, [format_title(reply), *urgent, *rest])), limit)


@singledispatch
def render_part(part: Part) -> str:
    """One part for the terminal, as `render_plain` has it; empty where it has nothing to say."""
    raise TypeError(f"no text for {type(part).__name__}")


@render_part.register
def _(part: Text | Note) -> str:
    return escape_invisible(part.text).strip("\n")


@render_part.register
def _(part: Warn) -> str:
    return "Warning: " + escape_invisible(part.text).strip("\n").replace("\n", "\n         ")


@render_part.register
def _(part: Fields) -> str:
    return "\n".join(_aligned([(f"{name}:", cell) for name, cell in _escape_pairs(part)], "<<"))


def _escape_pairs(part: Fields) -> list[tuple[str, str]]:
    return [(escape_invisible_line(name), _escape_cell(cell)) for name, cell in part.pairs]


def _escape_cell(cell: Cell) -> str:
    return escape_invisible_line(format_cell(cell))


@render_part.register
def _(part: Table) -> str:
    table = screen_table(part)
    caption = escape_invisible_line(table.caption) or "Table"
    if not table.rows:
        return f"{caption}: none"
    cells = [list(map(_escape_cell, row)) for row in (table.labels, *table.rows)]
    lines = _aligned(cells, [column_side(column) for column in zip(*table.rows, strict=True)])
    rule = "─" * min(max(map(terminal_width, lines)), 4 * _PADDED_COLUMNS)
    hidden = ", ".join(each.name for each in hidden_columns(part))
    more = [f"More columns with --wide: {escape_invisible_line(hidden)}"] if hidden else []
    return "\n".join([caption, lines[0], rule, *lines[1:], *more])


@render_part.register
def _(part: Code) -> str:
    return "\n".join("    " + line for line in escape_invisible(part.text).split("\n")).rstrip()


@render_part.register
def _(part: File) -> str:
    return f"File: {escape_invisible_line(part.name)} ({len(part.content):,} bytes)"


@render_part.register
def _(part: Choices) -> str:
    # A form opens in Slack only: here the same line is typed.
    typed = [(one.label, one.command.removesuffix(" --form")) for one in part.choices]
    return "\n".join(
        f"{escape_invisible_line(label)}: {escape_invisible_line(command)}" for label, command in typed
    )


@render_part.register
def _(part: WorkList) -> str:
    items = [
        "\n".join([f"- {escape_invisible_line(each.title)}", *(f"    {line}" for line in _item_lines(each))])
        for each in part.items
    ]
    shown = items or [escape_invisible(part.empty)]
    pages = [render_part(Choices(part.pages))] if part.pages else []
    return "\n".join([escape_invisible_line(part.caption), *shown, *pages])


def _item_lines(item: WorkItem) -> list[str]:
    buttons = render_part(Choices(item.choices)).split("\n") if item.choices else []
    return [*map(escape_invisible_line, item.lines), *buttons]


@render_part.register
def _(part: Mention) -> str:
    return "For " + ", ".join(escape_invisible_line(each) for each in part.people) if part.people else ""


@render_part.register
def draw_bars(part: Chart) -> str:
    """A chart in lines of text: a name, a sparkline, and the first and last number."""
    caption = escape_invisible_line(part.caption) or "Chart"
    if not part.labels or not part.series:
        return f"{caption}: none"
    span = f" ({escape_invisible_line(part.labels[0])} to {escape_invisible_line(part.labels[-1])})"
    rows = [
        (escape_invisible_line(name), _draw_sparkline(each), f"{each[0]:g} → {each[-1]:g}" if each else "")
        for name, each in part.series
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
    return " " * missing + text if side == ">" else text + " " * missing


@singledispatch
def _spoken(part: Part) -> str:
    return render_part(part)


@_spoken.register
def _(part: Fields) -> str:
    return ", ".join(map(": ".join, _escape_pairs(part)))


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
    cells = list(map(_escape_cell, row[:_SUMMARY_COLUMNS]))
    named = [
        f"{escape_invisible_line(name)} {cell}" for name, cell in zip(columns[1:], cells[1:], strict=False)
    ]
    return ", ".join(cells[:1] + named)


_BARS = "▁▂▃▄▅▆▇█"


def _draw_sparkline(values: Sequence[float]) -> str:
    """Return bars from 0 (or the minimum, if negative) to the maximum; a blank for a missing number."""
    known = [value for value in values if math.isfinite(value)]
    least, most = min([0.0, *known]), max([0.0, *known])
    height = (most / 2 - least / 2) or 1.0  # halves, since the difference of two floats can overflow
    return "".join(
        _BARS[round((value / 2 - least / 2) / height * (len(_BARS) - 1))] if math.isfinite(value) else " "
        for value in values
    )


KINDS = {Text: "text", Note: "note", Warn: "warning", Code: "code"}
"""Kinds of blocks of words by part; that of any other part is “text”."""


def make_blocks(reply: Reply) -> Iterator[dict[str, Any]]:
    """Yield blocks for a terminal to draw, the title first; all values are strings or lists of strings.

    Every word is formatted here, as `render_plain` does. What depends on the screen is left to the one who
    draws: colours, widths, and how lines are broken.
    """
    yield {"kind": "title" if reply.ok else "error", "text": format_title(reply)}
    for part in reply.parts:
        if isinstance(part, Table) and part.rows:
            yield _make_table(part)
        elif isinstance(part, Fields):
            yield {"kind": "fields", "rows": [[name, format_cell(cell)] for name, cell in part.pairs]}
        elif words := render_part(part):
            yield {"kind": KINDS.get(type(part), "text"), "text": words}


def _make_table(part: Table) -> dict[str, Any]:
    table = screen_table(part)
    return {
        "kind": "table",
        "text": table.caption or "Table",
        "labels": list(table.labels),
        "sides": [column_side(column) for column in zip(*table.rows, strict=True)],
        "rows": [[format_cell(cell) for cell in row] for row in table.rows],
        "hidden": [each.name for each in hidden_columns(part)],
    }


def localize_reply(reply: Reply) -> Reply:
    """Return the reply with the times that `in_both` wrote in the asker's zone alone; code stays as it is."""
    return replace(reply, title=say_locally(reply.title), parts=tuple(map(_localize_part, reply.parts)))


def _localize_part(part: Part) -> Part:
    if isinstance(part, Text | Note | Warn):
        return replace(part, text=say_locally(part.text))
    if isinstance(part, Fields):
        return replace(part, pairs=tuple((name, _localize_cell(cell)) for name, cell in part.pairs))
    if isinstance(part, Table):
        return replace(part, rows=tuple(tuple(map(_localize_cell, row)) for row in part.rows))
    return part


def _localize_cell(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return say_locally(cell)
    if isinstance(cell, datetime) and isinstance(cell.tzinfo, ZoneInfo):
        return say_locally(in_both(cell, cell.tzinfo.key))
    return cell

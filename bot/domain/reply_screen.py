"""A reply as blocks for a terminal to draw: the words of plain text, and the cells of tables and fields.

Every word is formatted here, as `render_plain` does, so that a screen says the same. Only what depends on the
screen is left to the one who draws: colours, widths, and how lines are broken.
"""

from collections.abc import Iterator
from typing import Any

from bot.domain.reply import Code, Fields, Note, Reply, Table, Text, Warn
from bot.domain.reply_text import column_side, format_cell, format_title, render_part
from bot.domain.table_columns import hidden_columns, screen_table

KINDS = {Text: "text", Note: "note", Warn: "warning", Code: "code"}
"""Kinds of blocks of words by part; that of any other part is “text”."""


def make_blocks(reply: Reply) -> Iterator[dict[str, Any]]:
    """Yield the blocks, the title first; all their values are strings or lists of strings."""
    yield {"kind": "title" if reply.ok else "error", "text": format_title(reply)}
    for part in reply.parts:
        if isinstance(part, Table) and part.rows:
            yield _make_table(part)
        elif isinstance(part, Fields):
            rows = [[name, format_cell(cell)] for name, cell in part.pairs]
            yield {"kind": "fields", "rows": rows}
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

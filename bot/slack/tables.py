"""How much of a table a Slack message can show: rows, columns and characters of a cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.characters import DASH, stripped_line
from bot.reply import Cell, Table
from bot.slack import sizes
from bot.slack.mrkdwn import cost, fit
from bot.text import squared, words

PAGE_SIZE = 10
_ROWS = sizes.DATA_TABLE_ROWS - 1
_CAPTION = 150
_CELLS = (300, 60, 12)
"""Characters of a cell, tried in turn until every row fits; what fits most rows wins."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A `data_table` block, or none where not even one row fits, and what it shows of the table."""

    block: dict[str, Any] | None
    rows: int
    columns: int
    all_columns: int
    is_cut: bool
    """A row, a column or the end of a cell is missing."""


def caption(table: Table) -> str:
    """The table's caption within its share of the message."""
    return fit(stripped_line(table.caption) or "Table", _CAPTION)


def most_wanted(table: Table) -> int:
    """Characters that would show all of `table` that any budget can."""
    shown = _shown(squared(table), _CELLS[0])
    return cost(caption(table)) + sum(cost(cell) for row in shown for cell in row)


def fitted(table: Table, characters: int) -> Fitted:
    """The table within `characters`, its names and values literal."""
    table = squared(table)
    budget = characters - cost(caption(table))
    tries = [_within(_shown(table, limit), budget) for limit in _CELLS]
    rows = max(tries, key=len)  # the first of the longest: it has the longest cells
    columns = min(len(table.columns), sizes.TABLE_COLUMNS)
    if len(rows) < 2 or columns == 0:
        return Fitted(None, 0, columns, len(table.columns), is_cut=True)
    limit = _CELLS[tries.index(rows)]
    whole = len(rows) == len(table.rows) + 1 and columns == len(table.columns)
    is_cut = not whole or any(cost(_cell(cell)) > limit for row in table.rows for cell in row)
    block = {
        "type": "data_table",
        "caption": caption(table),
        "page_size": PAGE_SIZE,
        "row_header_column_index": 0,
        "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows],
    }
    return Fitted(block, len(rows) - 1, columns, len(table.columns), is_cut)


def _shown(table: Table, limit: int) -> list[list[str]]:
    rows: Sequence[Sequence[Cell]] = (table.columns, *table.rows[:_ROWS])
    return [[fit(_cell(cell), limit) for cell in row[: sizes.TABLE_COLUMNS]] for row in rows]


def _cell(cell: Cell) -> str:
    return stripped_line(words(cell)) or DASH


def _within(rows: list[list[str]], budget: int) -> list[list[str]]:
    for index, row in enumerate(rows):
        budget -= sum(map(cost, row))
        if budget < 0:
            return rows[:index]
    return rows

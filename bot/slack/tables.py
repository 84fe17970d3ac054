"""Tables as `data_table` blocks, shortened by rows, columns and characters of a cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import Cell, Table
from bot.domain.reply_text import format_cell
from bot.domain.table_columns import screen_table
from bot.domain.text_safety import DASH, strip_invisible_line
from bot.slack.mrkdwn import cost, fit

PAGE_SIZE = 10
_ROWS = limits.DATA_TABLE_ROWS - 1
_CAPTION = 150
_CELLS = (300, 60, 12)
"""Limits on a cell's characters, tried in turn until every row fits; the one with most rows wins."""


@dataclass(frozen=True, slots=True)
class FittedTable:
    """A `data_table` block, None if not even one row fits, and the part of the table that it shows."""

    block: dict[str, Any] | None
    rows: int
    columns: int
    all_columns: int
    is_cut: bool
    """A row, a column or the end of a cell is missing."""


def caption(table: Table) -> str:
    """Return the caption, shortened to its share of the message."""
    return fit(strip_invisible_line(table.caption) or "Table", _CAPTION)


def full_cost(table: Table) -> int:
    """Return the characters of the longest form of `table` that any budget allows."""
    return cost(caption(table)) + sum(map(_row_cost, _shortened(_cell_texts(screen_table(table)), _CELLS[0])))


def fit_table(table: Table, characters: int) -> FittedTable:
    """Fit the table into `characters`, its names and values literal."""
    table = screen_table(table)
    shown = _cell_texts(table)
    limit, rows = _best_rows(shown, characters - cost(caption(table)))
    columns = min(len(table.columns), limits.TABLE_COLUMNS)
    if len(rows) < 2 or columns == 0:
        return FittedTable(None, 0, columns, len(table.columns), is_cut=True)
    whole = len(rows) == len(table.rows) + 1 and columns == len(table.columns)
    is_cut = not whole or any(cost(cell) > limit for row in shown for cell in row)
    block = {
        "type": "data_table",
        "caption": caption(table),
        "page_size": PAGE_SIZE,
        "row_header_column_index": 0,
        "rows": [[{"type": "raw_text", "text": cell} for cell in row] for row in rows],
    }
    return FittedTable(block, len(rows) - 1, columns, len(table.columns), is_cut)


def _best_rows(shown: list[list[str]], budget: int) -> tuple[int, list[list[str]]]:
    """Return the highest limit on a cell under which most rows fit, and those rows."""
    best: tuple[int, list[list[str]]] = (_CELLS[0], [])
    for limit in _CELLS:
        rows = _rows_within(_shortened(shown, limit), budget)
        if len(rows) > len(best[1]):
            best = limit, rows
        if len(rows) == len(shown):
            break
    return best


def _cell_texts(table: Table) -> list[list[str]]:
    rows: Sequence[Sequence[Cell]] = (table.labels, *table.rows[:_ROWS])
    return [[_cell(cell) for cell in row[: limits.TABLE_COLUMNS]] for row in rows]


def _shortened(rows: list[list[str]], limit: int) -> list[list[str]]:
    return [[fit(cell, limit) for cell in row] for row in rows]


def _row_cost(row: list[str]) -> int:
    return sum(map(cost, row))


def _cell(cell: Cell) -> str:
    return strip_invisible_line(format_cell(cell)) or DASH


def _rows_within(rows: list[list[str]], budget: int) -> list[list[str]]:
    for index, row in enumerate(rows):
        budget -= _row_cost(row)
        if budget < 0:
            return rows[:index]
    return rows

"""How much of a table a Slack message can show: rows, columns and characters of a cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.block_kit import slack_limits as limits
from bot.domain.reply import Cell, Table
from bot.domain.reply_text import squared, words
from bot.domain.text_safety import DASH, stripped_line
from bot.slack.mrkdwn import cost, fit

PAGE_SIZE = 10
_ROWS = limits.DATA_TABLE_ROWS - 1
_CAPTION = 150
_CELLS = (300, 60, 12)
"""Characters of a cell, tried in turn until every row fits; what fits most rows wins."""


@dataclass(frozen=True, slots=True)
class FittedTable:
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
    return cost(caption(table)) + sum(map(_row_cost, _shortened(_shown(squared(table)), _CELLS[0])))


def fitted(table: Table, characters: int) -> FittedTable:
    """The table within `characters`, its names and values literal."""
    table = squared(table)
    shown = _shown(table)
    limit, rows = _longest(shown, characters - cost(caption(table)))
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


def _longest(shown: list[list[str]], budget: int) -> tuple[int, list[list[str]]]:
    """The limit on a cell under which most rows fit, the highest of several, and those rows."""
    best: tuple[int, list[list[str]]] = (_CELLS[0], [])
    for limit in _CELLS:
        rows = _within(_shortened(shown, limit), budget)
        if len(rows) > len(best[1]):
            best = limit, rows
        if len(rows) == len(shown):
            break
    return best


def _shown(table: Table) -> list[list[str]]:
    rows: Sequence[Sequence[Cell]] = (table.columns, *table.rows[:_ROWS])
    return [[_cell(cell) for cell in row[: limits.TABLE_COLUMNS]] for row in rows]


def _shortened(rows: list[list[str]], limit: int) -> list[list[str]]:
    return [[fit(cell, limit) for cell in row] for row in rows]


def _row_cost(row: list[str]) -> int:
    return sum(map(cost, row))


def _cell(cell: Cell) -> str:
    return stripped_line(words(cell)) or DASH


def _within(rows: list[list[str]], budget: int) -> list[list[str]]:
    for index, row in enumerate(rows):
        budget -= _row_cost(row)
        if budget < 0:
            return rows[:index]
    return rows

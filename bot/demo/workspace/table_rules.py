"""The limits of tables and charts. Source: Slack documentation, "Block Kit"."""

from collections.abc import Callable
from typing import Any

from bot.demo.workspace.refusal import Json
from bot.demo.workspace.shapes import (
    Check,
    Findings,
    all_of,
    boolean,
    items,
    kinds,
    number,
    one_of,
    rule,
    shape,
    string,
)

TABLE_CHARS = 10_000
DATA_TABLE_CHARS = 20_000
DATA_TABLE_ROWS = 201
CHARTS = 2

RAW_TEXT = shape({"text": string(100_000)})
RAW_NUMBER = shape({"value": number(whole=False), "text": string(100_000)})


def cell_length(cell: Any) -> int:
    """Characters of a cell, those of a rich text cell summed over its parts."""
    if isinstance(cell, list):
        return sum(map(cell_length, cell))
    if not isinstance(cell, dict):
        return 0
    text = cell.get("text")
    return len(text) if isinstance(text, str) else cell_length(cell.get("elements"))


def _rows(value: Json) -> list[list[Any]]:
    rows = value.get("rows")
    return [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []


def _chars(name: str, most: int) -> Check:
    def check(found: Findings, pointer: str, value: Any) -> None:
        size = sum(cell_length(cell) for row in _rows(value) for cell in row)
        if found.count(name, size) > most:
            found.add(pointer, f"the text of all {name} blocks must be less than {most + 1} characters")

    return check


def _even(value: Json) -> str | None:
    widths = {len(row) for row in _rows(value)}
    return "all rows must have the same number of cells" if len(widths) > 1 else None


def _header_column_exists(value: Json) -> str | None:
    index, header = value.get("row_header_column_index"), next(iter(_rows(value)), [])
    outside = isinstance(index, int) and index >= len(header)
    return "row_header_column_index must be one of the columns" if outside else None


def _plain_header(value: Json) -> str | None:
    header = next(iter(_rows(value)), [])
    rich = any(isinstance(cell, dict) and cell.get("type") == "rich_text" for cell in header)
    return "rich_text is not allowed in the header row" if rich else None


def _one_table(found: Findings, pointer: str, _value: Any) -> None:
    if found.count("tables", 1) > 1:
        found.add(pointer, "only_one_table_allowed")


def table(cell: Check) -> Check:
    """The `table` block; `cell` checks one cell."""
    setting = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})
    return all_of(
        shape(
            {"rows": items(items(cell, 20), 100)},
            {"block_id": string(255), "column_settings": items(setting, 20, 0)},
        ),
        rule(_even),
        _chars("table", TABLE_CHARS),
        _one_table,
    )


def data_table(cell: Check) -> Check:
    """The `data_table` block; the first row is the header."""
    return all_of(
        shape(
            {"caption": string(2_000), "rows": items(items(cell, 20), DATA_TABLE_ROWS, 2)},
            {
                "block_id": string(255),
                "page_size": number(1, 100),
                "row_header_column_index": number(0, 19),
            },
        ),
        rule(_even),
        rule(_header_column_exists),
        rule(_plain_header),
        _chars("data_table", DATA_TABLE_CHARS),
    )


_POINT = shape({"label": string(20), "value": number(whole=False)})
_SEGMENT = shape({"label": string(20), "value": number(whole=False)})
_SERIES = shape({"name": string(20), "data": items(_POINT, 20)})


def _positive(value: Json) -> str | None:
    segments = value.get("segments")
    values = [s.get("value") for s in segments if isinstance(s, dict)] if isinstance(segments, list) else []
    bad = any(isinstance(amount, int | float) and amount <= 0 for amount in values)
    return "pie segments must be greater than 0" if bad else None


def _labels(entry: Json) -> list[Any]:
    data = entry.get("data")
    return [p.get("label") for p in data if isinstance(p, dict)] if isinstance(data, list) else []


def _series_agree(value: Json) -> str | None:
    series = value.get("series")
    entries = [entry for entry in series if isinstance(entry, dict)] if isinstance(series, list) else []
    names = [entry.get("name") for entry in entries]
    if len(set(map(str, names))) != len(names):
        return "series names must be unique"
    axis = value.get("axis_config")
    categories = axis.get("categories") if isinstance(axis, dict) else None
    if not isinstance(categories, list):
        return None
    wanted = sorted(map(str, categories))
    if len(set(wanted)) != len(wanted):
        return "categories must be unique"
    if any(sorted(map(str, _labels(entry))) != wanted for entry in entries):
        return "every category must be present in every series"
    return None


_AXIS = shape({"categories": items(string(20), 20)}, {"x_label": string(50), "y_label": string(50)})
_DRAWN = all_of(
    shape({"series": items(_SERIES, 12), "axis_config": _AXIS}),
    rule(_series_agree),
)

_CHART: dict[str, Check] = {
    "pie": all_of(shape({"segments": items(_SEGMENT, 12)}), rule(_positive)),
    "bar": _DRAWN,
    "area": _DRAWN,
    "line": _DRAWN,
}


def _two_charts(found: Findings, pointer: str, _value: Any) -> None:
    if found.count("charts", 1) > CHARTS:
        found.add(pointer, f"no more than {CHARTS} data_visualization blocks allowed")


DATA_VISUALIZATION: Check = all_of(
    shape({"title": string(50), "chart": kinds(_CHART)}, {"block_id": string(255)}),
    _two_charts,
)


def cells(rich_text: Callable[[Findings, str, Any], None]) -> Check:
    """A cell: text, a number with its text, or rich text."""
    return kinds({"raw_text": RAW_TEXT, "raw_number": RAW_NUMBER, "rich_text": rich_text})

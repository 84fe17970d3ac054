"""The audit log as lines: JSON as the rows are, or CSV for spreadsheets; and where to go on after a stop."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from bot.domain.errors import StoreError

Format = Literal["jsonl", "csv"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would calculate; typed text may come from anybody (OWASP, CSV
injection). An apostrophe before it makes it text."""

_TAIL = 64 * 1024
"""Bytes read at a time from the end of an export, to find its last line."""


def header(form: Format, columns: Sequence[str]) -> str:
    """The first line: the names of the columns in CSV, none in JSON."""
    return _csv(columns) if form == "csv" else ""


def line(form: Format, row: Mapping[str, Any]) -> str:
    """One row as one line, whatever it holds."""
    if form == "csv":
        return _csv([_cell(value) for value in row.values()])
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=_undecodable) + "\n"


def last_row(form: Format, path: Path) -> int:
    """The number of the last whole row of an export, 0 for none. What follows its line is cut off.

    Raises StoreError when the file is something else, which is then left as it is.
    """
    if not path.exists():
        return 0
    with path.open("r+b") as file:
        tail, end = _last_line(file)
        number = _number(form, tail, path) if tail else 0
        # A header alone is written again, with the first row.
        file.truncate(end if number else 0)
        return number


def _csv(cells: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # A row is a line, so that an export that was cut short can be continued; JSON keeps them as they are.
    flat = value.replace("\r", "\\r").replace("\n", "\\n")
    return "'" + flat if value.startswith(_FORMULA) else flat


def _undecodable(value: object) -> str:
    return repr(value)


def _last_line(file: io.BufferedRandom) -> tuple[bytes, int]:
    """The last line that is whole, and where it ends."""
    size = file.seek(0, io.SEEK_END)
    read = b""
    start = size
    while start > 0 and read.count(b"\n") < 2:
        start = max(0, start - _TAIL)
        file.seek(start)
        read = file.read(size - start)
    end = read.rfind(b"\n") + 1
    return read[:end].rstrip(b"\n").rpartition(b"\n")[2], start + end


def _number(form: Format, tail: bytes, path: Path) -> int:
    try:
        if form == "jsonl":
            return int(json.loads(tail)["seq"])
        first = next(csv.reader([tail.decode()]))[0]
        return 0 if first == "seq" else int(first)
    except (ValueError, KeyError, TypeError, IndexError):
        raise StoreError(
            f"{path} does not end like an export as {form}.", "Give another file, or the right --format."
        ) from None

"""CSV and TSV."""

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.text_safety import escape_data

_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def format_csv(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return RFC 4180 in UTF-8. Text that a spreadsheet would run as a formula gets a leading apostrophe.

    A value that is nobody's is empty, times are ISO 8601 in UTC, a list within is JSON.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerows([_guard_cell(each) for each in row] for row in (heading, *rows))
    return target.getvalue().encode()


def format_tsv(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return lines with tabs between their values, for `cut` and `awk`; a tab within a value is `\\t`."""
    lines = (
        "\t".join(escape_data(_format_value(each).translate(_TSV_ESCAPES)) for each in row)
        for row in (heading, *rows)
    )
    return "".join(f"{line}\n" for line in lines)


def _guard_cell(value: Any) -> str:
    text = escape_data(_format_value(value))
    return f"'{text}" if isinstance(value, str) and text.lstrip().startswith(_FORMULA_STARTS) else text


def _format_value(value: Any) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, datetime):
        at = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return at.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)

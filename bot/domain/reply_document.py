"""An answer in the forms that programs read, made from its result: JSON, YAML, CSV, TSV, ids and names."""

import base64
import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.errors import BadArgument
from bot.domain.phrases import quote_text
from bot.domain.reply import File, Reply, Table, Warn
from bot.domain.result import CommandResult, Error, Output
from bot.domain.result_schema import dump_record, field_names, list_values, result_rows, row_type
from bot.domain.table_columns import square_table
from bot.domain.text_safety import escape_data


def make_document(reply: Reply) -> dict[str, Any]:
    """Return the JSON document of an answer; `docs/programs.md` describes it."""
    result = _find_result(reply)
    return {
        "schema": result.schema_name(),
        "data": dump_record(result),
        "partial": [dump_record(each) for each in reply.gaps],
        "warnings": [part.text for part in reply.parts if isinstance(part, Warn) and part.gap is None],
        "files": [
            {"name": part.name, "content_base64": base64.b64encode(part.content).decode()}
            for part in reply.parts
            if isinstance(part, File)
        ],
    }


def write_output(reply: Reply) -> str:
    """Return an answer in the form that was asked for. Raises BadArgument where it has no such form.

    An error has no lines and no id, so it is JSON in their place.
    """
    result = _find_result(reply)
    is_error = isinstance(result, Error) and reply.output is not Output.YAML
    match Output.JSON if is_error else reply.output:
        case Output.JSON:
            return json.dumps(make_document(reply), indent=2) + "\n"
        case Output.YAML:
            import yaml  # noqa: PLC0415 - 3 MB, for this form alone

            # The one in C, where the installed library has it, is ten times as fast.
            dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
            return str(yaml.dump(make_document(reply), Dumper=dumper, sort_keys=False, allow_unicode=False))
        case Output.CSV:
            return format_csv(*_make_lines(reply, result)).decode()
        case Output.TSV:
            return format_tsv(*_make_lines(reply, result))
        case _:
            return "".join(f"{each}\n" for each in _list_values(result, reply.output.value))


def _find_result(reply: Reply) -> CommandResult:
    if reply.result is None:
        raise TypeError(f"no result: {reply.title}")
    return reply.result


def _make_lines(reply: Reply, result: CommandResult) -> tuple[Sequence[str], list[list[Any]]]:
    names = _choose_names(field_names(row_type(type(result))), reply.fields)
    return names, [list_values(each, names) for each in result_rows(result)]


def _choose_names(known: tuple[str, ...], chosen: tuple[str, ...]) -> tuple[str, ...]:
    by_word = {name.replace("_", "-"): name for name in known} | {name: name for name in known}
    unknown = next((word for word in chosen if word not in by_word), None)
    if unknown is not None:
        raise BadArgument(
            f"CSV and TSV have no column “{quote_text(unknown)}” here.",
            f"The columns are {', '.join(known)}.",
        )
    return tuple(by_word[word] for word in chosen) or known


def _list_values(result: CommandResult, name: str) -> list[str]:
    """Return the id or name of every record, on one line each: its own, or that of the thing it is about."""
    known = field_names(row_type(type(result)))
    column = next((each for each in (name, *known) if each in known and each.split(".")[-1] == name), None)
    if column is None:
        raise BadArgument(f"The results of this command have no {name}.", "Use --output json instead.")
    values = [value for each in result_rows(result) for value in list_values(each, [column])]
    return [_on_one_line(str(each)) for each in values if each is not None]


def _on_one_line(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)[1:-1]


def to_csv(table: Table) -> bytes:
    """Return the table as people see it, as CSV."""
    table = square_table(table)
    return format_csv(table.labels, table.rows)


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

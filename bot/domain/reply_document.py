"""An answer in the forms that programs read, made from its result: JSON and its schema, YAML, CSV, TSV, ids
and names."""

import base64
import csv
import dataclasses
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

from pydantic.json_schema import GenerateJsonSchema

from bot.domain.cluster import Gap
from bot.domain.errors import BadArgument
from bot.domain.phrases import quote_text
from bot.domain.reply import File, Reply, Table, Warn
from bot.domain.result import CommandResult, Error, Output
from bot.domain.stored_values import adapter_of
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


_PLAIN_CELL = re.compile(r"[0-9A-Za-z][ -~]*")
"""Text with nothing to escape or to guard: nearly every cell of a table of thousands."""


def _guard_cell(value: Any) -> str:
    if type(value) is str and _PLAIN_CELL.fullmatch(value):
        return value
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


class _Whole(GenerateJsonSchema):
    """Every key is in every document, those with a default in the code included."""

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: ARG002, FBT001 - pydantic calls it
        return True


DIALECT = "https://json-schema.org/draft/2020-12/schema"


def dump_record(record: Any) -> dict[str, Any]:
    """Return a record as plain values: times are ISO 8601 in UTC, null means that nobody said."""
    plain: dict[str, Any] = adapter_of(type(record)).dump_python(record, mode="json", warnings="error")
    return plain


def result_rows(result: CommandResult) -> tuple[Any, ...]:
    """Return the records that CSV has one line for: those of a list that is the first field with records,
    else the result itself."""
    name = _list_field(type(result))
    return (result,) if name is None else tuple(getattr(result, name))


def row_type(kind: type[CommandResult]) -> type[Any]:
    """Return the type of the records that CSV has one line for."""
    name = _list_field(kind)
    return kind if name is None else get_args(get_type_hints(kind)[name])[0]


def _list_field(kind: Any) -> str | None:
    hints = get_type_hints(kind)
    names = (each.name for each in dataclasses.fields(kind))
    first = next((name for name in names if _is_list(hints[name]) or _find_record(hints[name])), None)
    return first if first and _is_list(hints[first]) else None


def _is_list(hint: Any) -> bool:
    return get_origin(hint) is tuple and dataclasses.is_dataclass(get_args(hint)[0])


def list_values(record: Any, names: Iterable[str]) -> list[Any]:
    """Return the values of a record in these columns of CSV."""
    plain = dump_record(record)
    return [_find_value(plain, name.split(".")) for name in names]


def _find_value(plain: Any, path: Sequence[str]) -> Any:
    """Return the value at the end of the path; None where a record on it is missing."""
    for name in path:
        plain = None if plain is None else plain[name]
    return plain


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """Return the columns of CSV for records of a kind: id and name, then the others in the order of JSON.

    A record within that may be missing has its columns all the same: CSV has the same ones every time. Counts
    by a closed choice have one for each word.
    """
    return tuple(sorted(_field_names(kind, ""), key=lambda name: (name != "id", name != "name")))


def _field_names(kind: type[Any], prefix: str) -> Iterator[str]:
    hints = get_type_hints(kind)
    for each in dataclasses.fields(kind):
        within = _find_record(hints[each.name])
        if within:
            yield from _field_names(within, f"{prefix}{each.name}.")
        elif words := _list_words(hints[each.name]):
            yield from (f"{prefix}{each.name}.{word}" for word in words)
        else:
            yield f"{prefix}{each.name}"


def _find_record(hint: Any) -> type[Any] | None:
    """Return the type of the record that a field holds, or may hold; None for other fields."""
    return next((one for one in _list_options(hint) if dataclasses.is_dataclass(one)), None)


def _list_words(hint: Any) -> list[str]:
    """Return the keys of a mapping from a closed choice; none for other fields."""
    choices = _list_options(get_args(hint)[0]) if get_origin(hint) is dict else ()
    return [str(word) for each in choices if issubclass(each, StrEnum) for word in each]


def _list_options(hint: Any) -> list[type[Any]]:
    options = (hint,) if isinstance(hint, type) or get_origin(hint) is tuple else get_args(hint)
    return [each for each in options if isinstance(each, type)]


def _record_schema(kind: type[Any]) -> dict[str, Any]:
    return adapter_of(kind).json_schema(mode="serialization", schema_generator=_Whole)


def json_schema(kind: type[CommandResult]) -> dict[str, Any]:
    data, gap = _record_schema(kind), _record_schema(Gap)
    definitions = {**data.pop("$defs", {}), **gap.pop("$defs", {})}
    return {
        "$schema": DIALECT,
        "title": kind.schema_name(),
        "description": data.pop("description", ""),
        "type": "object",
        "required": ["schema", "data", "partial", "warnings", "files"],
        "properties": {
            "schema": {"const": kind.schema_name()},
            "data": data,
            "partial": {"type": "array", "items": gap, "description": "Places that could not be read."},
            "warnings": {"type": "array", "items": {"type": "string"}},
            "files": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "content_base64"],
                    "properties": {"name": {"type": "string"}, "content_base64": {"type": "string"}},
                },
            },
        },
        "$defs": definitions,
    }

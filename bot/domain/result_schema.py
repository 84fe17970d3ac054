"""Results as JSON, and the JSON Schema of each kind."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

from pydantic.json_schema import GenerateJsonSchema

from bot.domain.cluster import Gap
from bot.domain.result import CommandResult
from bot.domain.stored_values import adapter_of


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
    """Return the JSON Schema of the document with such a result."""
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

"""The rules by which IONOS's Go clients decode an answer, for a machine without Go.

Their structs have the fields and types of the OpenAPI documents, so these say which rule a value meets. The
rules are those of Go's `encoding/json` and of the generated code in the Go SDKs psql/v2 (2.0.5, 2.1.0) and
psql/v3 (3.0.1, 3.1.0); one value that breaks a rule fails the whole answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cloud_specs import answer_pointer, resolve

from bot.demo.cloud.oddities import OfficialClient

BOTH = frozenset({"ionosctl", "Terraform"})
RULES = {
    "time": BOTH,
    "enum": BOTH,
    "integer": BOTH,
    "type": BOTH,
    "null": BOTH,
    # Both alternatives of `restoreFromBackup` match whatever is in it: psql/v3 3.1.0 refuses that.
    "alternatives": frozenset({"Terraform"}),
}
"""Each rule with the clients that it fails."""

_RFC_3339 = re.compile(r"\d{4}-(0[1-9]|1[0-2])-\d{2}T\d{2}:\d{2}:\d{2}([.,]\d+)?(Z|[+-]\d{2}:\d{2})")
_TYPES = {"string": str, "boolean": bool, "object": dict, "array": list}


@dataclass(frozen=True, slots=True)
class GoFault:
    """A value that breaks a rule."""

    rule: str
    at: str
    value: Any


def go_faults(api, operation_path, response) -> list[GoFault]:
    """Return what a Go client can't decode in the answer of this operation."""
    pointer = answer_pointer(api, operation_path, response)
    if pointer is None:
        return []
    return list(_faults(api, {"$ref": pointer}, response.json(), "", required=True))


def clients_that_fail(faults: list[GoFault]) -> frozenset[OfficialClient]:
    return frozenset(client for fault in faults for client in RULES[fault.rule])


def _faults(api, schema, value, at, *, required) -> Iterator[GoFault]:
    schema = resolve(api, schema)
    for part in schema.get("allOf", ()):
        yield from _faults(api, part, value, at, required=required)
    if "oneOf" in schema:
        yield GoFault("alternatives", at, value)
    rule = _broken_rule(schema, value, required=required)
    if rule:
        yield GoFault(rule, at, value)
    else:
        yield from _inner_faults(api, schema, value, at)


def _broken_rule(schema, value, *, required) -> str:
    kinds = schema.get("type", ())
    kind = kinds if isinstance(kinds, str) else next((each for each in kinds if each != "null"), "")
    if value is None:
        # Null is nil in a pointer; a field without one stays empty, and an enumeration or a time fails.
        return "null" if required and kind else ""
    if kind == "integer":
        return "" if type(value) is int and -(2**31) <= value < 2**31 else "integer"
    if not isinstance(value, _TYPES.get(kind, object)):
        return "type"
    if "enum" in schema and value not in schema["enum"]:
        return "enum"
    return "time" if schema.get("format") == "date-time" and not _reads_time(value) else ""


def _inner_faults(api, schema, value, at) -> Iterator[GoFault]:
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                needed = name in schema.get("required", ())
                yield from _faults(api, inner, value[name], f"{at}.{name}", required=needed)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            yield from _faults(api, schema.get("items", {}), entry, f"{at}.{number}", required=True)


def _reads_time(text: str) -> bool:
    """Return whether `IonosTime` reads a time: it adds a Z where there is none, also after an offset."""
    return _RFC_3339.fullmatch(text if "Z" in text else f"{text}Z") is not None

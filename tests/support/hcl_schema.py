"""The check of Terraform files against the provider's documented schema and Terraform's own blocks.

Both are data in tests/specs. A value that is a reference, such as a variable, is checked by the variable's
type.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
from pack_kit import hcl_text

SPEC = Path(__file__).parents[1] / "specs" / "terraform-ionoscloud-6.7.34.json"
_REFERENCE = re.compile(r"\$\{var\.(\w+)\}")
_ADDRESS = re.compile(r"\$\{(?:module\.[\w-]+\.)*([a-z_0-9]+)\.[A-Za-z_][\w-]*\}")
_KINDS = {"string": str, "number": int, "bool": bool}
_HIDDEN = {"__is_block__", "__comments__"}


@cache
def terraform_schema() -> Mapping[str, Any]:
    """Return the schema of the provider's resources and of Terraform's blocks."""
    return json.loads(SPEC.read_text(encoding="utf-8"))


def find_hcl_errors(*files: str) -> list[str]:
    """Return each place in the files of one module that the schema does not allow."""
    merged: dict[str, list] = {}
    for text in files:
        for name, blocks in hcl2.loads(text).items():
            if name not in _HIDDEN:
                merged.setdefault(name, []).extend(blocks)
    return list(_Module(merged).errors())


class _Module:
    """The blocks of a module's files together, as python-hcl2 reads them."""

    def __init__(self, blocks: Mapping[str, list[Any]]) -> None:
        self._blocks = blocks
        self._variables = {
            name.strip('"'): value for each in blocks.get("variable", []) for name, value in each.items()
        }
        self._resources = [
            (kind.strip('"'), name.strip('"'), body)
            for each in blocks.get("resource", [])
            for kind, named in each.items()
            for name, body in named.items()
        ]

    def errors(self) -> Iterator[str]:
        """Yield what is wrong, block by block."""
        known = terraform_schema()["terraform"]["blocks"]
        yield from (f"{each}: unknown block" for each in self._blocks if each not in {*known, "resource"})
        for kind in ("removed", "import", "terraform"):
            for body in self._blocks.get(kind, []):
                yield from self._check(kind, body, known[kind])
        for name, body in self._variables.items():
            yield from self._check(f"variable {name}", body, known["variable"])
        yield from self._resource_errors()
        yield from self._address_errors()

    def _resource_errors(self) -> Iterator[str]:
        documented = terraform_schema()["resources"]
        for kind, name, body in self._resources:
            if kind not in documented:
                yield f"{kind}.{name}: no such resource"
                continue
            blocks = documented[kind]["blocks"] | {"lifecycle": terraform_schema()["terraform"]["lifecycle"]}
            yield from self._check(f"{kind}.{name}", body, documented[kind] | {"blocks": blocks})

    def _address_errors(self) -> Iterator[str]:
        """Yield what is wrong about resources let go and adopted: each once, and of a kind that there is."""
        documented, addresses = (
            terraform_schema()["resources"],
            [f"{kind}.{n}" for kind, n, _ in self._resources],
        )
        removed = [each.get("from", "") for each in self._blocks.get("removed", [])]
        yield from (f"removed {each}: twice" for each in set(removed) if removed.count(each) > 1)
        for each in removed:
            kind = _ADDRESS.fullmatch(each)
            if not kind or kind[1] not in documented:
                yield f"removed {each}: no address of a documented resource"
            elif each[2:-1] in addresses:
                yield f"removed {each}: its resource block is still there"
        for each in self._blocks.get("import", []):
            if each.get("to", "")[2:-1] not in addresses:
                yield f"import to {each.get('to')}: no such resource block"

    def _check(self, where: str, body: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
        attributes, blocks = schema["attributes"], schema.get("blocks", {})
        for name, value in body.items():
            if name in blocks:
                yield from (
                    error for each in value for error in self._check(f"{where}.{name}", each, blocks[name])
                )
            elif name in attributes:
                yield from self._value_errors(f"{where}.{name}", value, attributes[name])
            elif name not in _HIDDEN:
                yield f"{where}.{name}: unknown"
        # The one block that Terraform itself asks for in the blocks of a pack is the lifecycle of removed.
        if where == "removed" and "lifecycle" not in body:
            yield f"{where}.lifecycle: missing"
        for name, declared in attributes.items():
            if declared["use"] == "required" and name not in body:
                yield f"{where}.{name}: missing"

    def _value_errors(self, where: str, value: Any, declared: Mapping[str, Any]) -> Iterator[str]:
        kind = declared["type"]
        if declared["use"] == "computed":
            yield f"{where}: computed, not to be set"
        elif kind == "object":
            yield from self._check(where, value, declared)
        elif isinstance(value, str) and (reference := _REFERENCE.fullmatch(value)):
            variable = self._variables.get(reference[1])
            if variable is None or variable["type"] != kind:
                yield f"{where}: {value} is not a variable of type {kind}"
            elif variable.get("ephemeral") and not declared.get("write_only"):
                yield f"{where}: {value} is ephemeral"
        elif kind in _KINDS and type(value) is not _KINDS[kind]:
            yield f"{where}: {value!r} is not a {kind}"
        elif "values" in declared and hcl_text(value) not in declared["values"]:
            yield f"{where}: {value} is not one of {declared['values']}"

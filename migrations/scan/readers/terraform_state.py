"""Terraform's state files, those of version 3 (Terraform 0.11 and before) as well."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from migrations.scan.addresses import offset_position
from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult, TerraformBlock
from migrations.scan.readers.terraform_text import is_v1_type

_TYPE = re.compile(r"\"type\"\s*:\s*\"(?P<kind>\w+)\"")
_MODES = {"managed": "resource", "data": "data"}
_IDENTITIES = ("id", "display_name", "cluster_id")


def read_state(text: str) -> ReaderResult:
    """Return the uses in a state file. Only types, names and ids leave it: it has passwords in it."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return ReaderResult((), "it is not valid JSON")
    return ReaderResult(tuple(_state(tree, text)))


def _state(tree: Any, text: str) -> Iterator[PossibleUse]:
    """Yield the resources in the order of the file, by which they are matched with positions."""
    seen: Counter[str] = Counter()
    places = _places(text)
    for mode, name, resource in (*_resources(tree), *_older_resources(tree)):
        kind = resource.get("type")
        if not isinstance(kind, str) or not is_v1_type(kind):
            continue
        place = _position(text, places[kind], seen[kind])
        seen[kind] += 1
        values = tuple(_identities(resource))
        yield TerraformBlock(place=place, values=values, block=mode, type=kind, name=name, in_state=True)


def _resources(tree: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for resource in _dicts(_get(tree, "resources")):
        yield _MODES.get(str(resource.get("mode")), "resource"), str(resource.get("name")), resource


def _older_resources(tree: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the resources of version 3: `{"ionoscloud_pg_cluster.orders": {"type": …, "primary": {…}}}`."""
    for module in _dicts(_get(tree, "modules")):
        resources = module.get("resources")
        for address, resource in resources.items() if isinstance(resources, dict) else ():
            if isinstance(resource, dict):
                mode = "data" if address.startswith("data.") else "resource"
                yield mode, address.rpartition(".")[2], resource


def _identities(resource: dict[str, Any]) -> Iterator[str]:
    primary = resource.get("primary")
    instances = [*_dicts(resource.get("instances")), *_dicts([primary])]
    for instance in instances:
        fields = instance.get("attributes")
        for holder in (instance, fields if isinstance(fields, dict) else {}):
            yield from (value for name in _IDENTITIES if isinstance(value := holder.get(name), str))


def _places(text: str) -> Mapping[str, list[int]]:
    """Return the offsets of each type in the text."""
    places = defaultdict[str, list[int]](list)
    for found in _TYPE.finditer(text):
        places[found["kind"]].append(found.start())
    return places


def _position(text: str, offsets: list[int], index: int) -> FilePosition:
    first = FilePosition(1, 1)
    return offset_position(first, text, offsets[index]) if index < len(offsets) else first


def _get(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, dict) else None


def _dicts(node: Any) -> Iterator[dict[str, Any]]:
    return (each for each in node if isinstance(each, dict)) if isinstance(node, list) else iter(())

"""Terraform in JSON: state files, and configurations with the ending .tf.json."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from migrations.scan.addresses import offset_position
from migrations.scan.findings import DeclaredSize, FilePosition, PossibleUse, ReaderResult, TerraformBlock
from migrations.scan.readers.terraform import is_v1_type

_UNREADABLE = "it is not readable as JSON"
_TYPE = re.compile(r"\"type\"\s*:\s*\"(?P<kind>\w+)\"")
_KEY = re.compile(r"\"(?P<kind>\w+)\"\s*:")
_MODES = {"managed": "resource", "data": "data"}


def read_state(text: str) -> ReaderResult:
    """Return the uses in a state file. Only types, names and ids leave it: it has passwords in it."""
    tree = _loaded(text)
    if tree is None:
        return ReaderResult((), _UNREADABLE)
    return ReaderResult(tuple(_state(tree, text)))


def read_json(text: str) -> ReaderResult:
    """Return the uses in a configuration."""
    tree = _loaded(text)
    if tree is None:
        return ReaderResult((), _UNREADABLE)
    return ReaderResult(tuple(_configuration(tree, text)))


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _state(tree: Any, text: str) -> Iterator[PossibleUse]:
    """Yield the resources in the order of the file, by which they are matched with positions."""
    seen: Counter[str] = Counter()
    places = _places(text, _TYPE)
    for resource in _dicts(_get(tree, "resources")):
        kind, name = resource.get("type"), resource.get("name")
        if not isinstance(kind, str) or not is_v1_type(kind):
            continue
        place = _position(text, places[kind], seen[kind])
        seen[kind] += 1
        yield TerraformBlock(
            place=place,
            values=tuple(_identities(resource)),
            block=_MODES.get(str(resource.get("mode")), "resource"),
            type=kind,
            name=str(name),
            in_state=True,
        )


def _identities(resource: dict[str, Any]) -> Iterator[str]:
    for instance in _dicts(resource.get("instances")):
        for name in ("id", "display_name", "cluster_id"):
            value = _get(instance.get("attributes"), name)
            if isinstance(value, str):
                yield value


def _configuration(tree: Any, text: str) -> Iterator[PossibleUse]:
    places = _places(text, _KEY)
    for block in ("resource", "data"):
        for kind, named in _items(_get(tree, block)):
            if not is_v1_type(kind):
                continue
            place = _position(text, places[kind], 0)
            for name, attributes in _items(named):
                yield from _declared(
                    TerraformBlock(place=place, block=block, type=kind, name=name), attributes
                )


def _declared(found: TerraformBlock, attributes: Any) -> Iterator[PossibleUse]:
    values = tuple(value for _, value in _items(attributes) if isinstance(value, str))
    yield TerraformBlock(
        place=found.place, values=values, block=found.block, type=found.type, name=found.name
    )
    for field in ("ram", "storage_size"):
        value = _get(attributes, field)
        if isinstance(value, int):
            yield DeclaredSize(place=found.place, values=values, field=field, megabytes=value)


def _places(text: str, pattern: re.Pattern[str]) -> Mapping[str, list[int]]:
    """Return the offsets of each kind in the text."""
    places = defaultdict[str, list[int]](list)
    for found in pattern.finditer(text):
        places[found["kind"]].append(found.start())
    return places


def _position(text: str, offsets: list[int], index: int) -> FilePosition:
    first = FilePosition(1, 1)
    return offset_position(first, text, offsets[index]) if index < len(offsets) else first


def _get(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, dict) else None


def _items(node: Any) -> Iterator[tuple[str, Any]]:
    return iter(node.items()) if isinstance(node, dict) else iter(())


def _dicts(node: Any) -> Iterator[dict[str, Any]]:
    return (each for each in node if isinstance(each, dict)) if isinstance(node, list) else iter(())

"""Terraform in JSON: configurations (.tf.json) in blocks and in lists, files of variables, and state files,
those of version 3 (Terraform 0.11 and before) as well."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from yaml.nodes import Node, ScalarNode

from migrations.scan.addresses import find_all_uses
from migrations.scan.findings import (
    START,
    FilePosition,
    ModuleCall,
    ProviderVersion,
    TerraformBlock,
    Unreadable,
    UseCondition,
    Uses,
    VariablePath,
    find_places,
)
from migrations.scan.readers.script import read_script
from migrations.scan.readers.terraform_text import (
    BLOCKS,
    PROVIDER_SOURCE,
    SIZES,
    ClusterReferences,
    find_provider_settings,
    find_sizes,
    held_size,
    is_v1_type,
    passed_variables,
)
from migrations.scan.readers.yaml_nodes import (
    compose_json,
    mapping_items,
    members_of,
    place_of,
    quoted_place,
    text_of,
)

_TYPE = re.compile(r"\"type\"\s*:\s*\"(?P<kind>\w+)\"")
_MODES = {"managed": "resource", "data": "data"}
_IDENTITIES = ("id", "display_name", "cluster_id")


def read_terraform_json(text: str) -> Uses:
    root = compose_json(text)
    if root is None:
        yield Unreadable(START, text="it is not valid JSON, or is too large")
        yield from find_all_uses(text)
    else:
        yield from _JsonConfiguration(root).read()


def read_variables_json(text: str) -> Uses:
    """Yield the numbers in a file of variables, and addresses."""
    yield from find_all_uses(text)
    for key, value in members_of(compose_json(text)):
        yield from _held(f"var.{key.value}", key, value)


class _JsonConfiguration:
    def __init__(self, root: Node) -> None:
        self._root = root
        self._references = ClusterReferences()
        self._providers = {"ionoscloud"}

    def read(self) -> Uses:
        parts = [(key.value, value) for key, value in members_of(self._root)]
        for block, body in parts:
            if block in BLOCKS:
                self._remember(body)
        for block, body in parts:
            if block in BLOCKS:
                yield from self._resources(block, body)
            elif block == "terraform":
                yield from self._required(body)
        for block, body in parts:
            yield from self._other(block, body)
        yield from self._texts()

    def _remember(self, body: Node) -> None:
        for kind, named in members_of(body):
            if is_v1_type(kind.value):
                for name, attributes in members_of(named):
                    self._references.add(kind.value, name.value, _texts(attributes))

    def _resources(self, block: str, body: Node) -> Uses:
        for kind, named in members_of(body):
            for name, attributes in members_of(named):
                if is_v1_type(kind.value):
                    yield from self._declared(block, kind.value, name, attributes)
                yield from self._provisioned(attributes)

    def _declared(self, block: str, kind: str, name: ScalarNode, attributes: Node) -> Uses:
        texts = _texts(attributes)
        values = self._references.resolve(texts, texts)
        yield TerraformBlock(place_of(name), values=values, block=block, type=kind, name=name.value)
        fields = list(members_of(attributes))
        for_each = next((text_of(value) for key, value in fields if key.value == "for_each"), "")
        for key, value in fields:
            if key.value in SIZES:
                yield from find_sizes(key.value, text_of(value), place_of(key), values, for_each)

    def _provisioned(self, attributes: Node) -> Uses:
        for key, provisioners in members_of(attributes):
            for _, each in members_of(provisioners) if key.value == "provisioner" else ():
                for field, value in members_of(each):
                    if field.value == "command" and isinstance(value, ScalarNode):
                        yield from read_script(value.value.replace("\n", ";"), quoted_place(value))

    def _required(self, body: Node) -> Uses:
        for key, providers in members_of(body):
            for name, wanted in members_of(providers) if key.value == "required_providers" else ():
                fields = dict(mapping_items(wanted))
                version = fields.get("version", wanted)
                if PROVIDER_SOURCE in text_of(fields.get("source")):
                    self._providers.add(name.value)
                if name.value in self._providers and isinstance(version, ScalarNode):
                    place, when = place_of(version), UseCondition.IN_FOLDER
                    yield ProviderVersion(place, constraint=version.value, when=when)

    def _other(self, block: str, body: Node) -> Uses:
        for name, inner in members_of(body):
            if block == "provider" and name.value in self._providers:
                for key, _ in members_of(inner):
                    yield from find_provider_settings(key.value, place_of(key))
            elif block == "variable":
                for key, value in members_of(inner):
                    yield from _held(f"var.{name.value}", key, value) if key.value == "default" else ()
            elif block == "locals":
                yield from _held(f"local.{name.value}", name, inner)
            elif block == "module":
                yield from _module(inner)

    def _texts(self) -> Uses:
        pending = [self._root]
        while pending:
            node = pending.pop()
            if isinstance(node, ScalarNode):
                yield from find_all_uses(node.value.replace("\n", " "), quoted_place(node))
            else:
                pending += (part[1] if isinstance(part, tuple) else part for part in reversed(node.value))


def _texts(attributes: Node) -> tuple[str, ...]:
    return tuple(text for _, value in members_of(attributes) if (text := text_of(value)))


def _module(body: Node) -> Uses:
    fields = list(members_of(body))
    source = next((text_of(value) for key, value in fields if key.value == "source"), "")
    for key, value in fields if source.startswith(".") else ():
        if key.value == "source":
            yield ModuleCall(place_of(key), module=source)
        yield from _held(f"var.{key.value}", key, value, source)
        yield from passed_variables(text_of(value), source, key.value, place_of(key))


def _held(root: str, key: ScalarNode, value: Node, module: str = "") -> Uses:
    """Yield the numbers that a variable holds, those inside its objects as well."""
    if isinstance(value, ScalarNode):
        yield from held_size(VariablePath(root), value.value, place_of(key), module=module)
        return
    pending = [value]
    while pending:
        for name, each in members_of(pending.pop()):
            if isinstance(each, ScalarNode):
                variable = VariablePath(root, name.value)
                yield from held_size(variable, each.value, place_of(name), module=module)
            else:
                pending.append(each)


def read_state(text: str) -> Uses:
    """Yield the uses in a state file. Only types, names and ids leave it: it has passwords in it."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        yield Unreadable(START, text="it is not valid JSON")
        return
    places = defaultdict[str, list[FilePosition]](list)
    for place, found in reversed(list(find_places(_TYPE, text))):
        places[found["kind"]].append(place)
    # Resources come in the order of the file, by which they are matched with positions.
    for mode, name, resource in (*_resources(tree), *_older_resources(tree)):
        kind = resource.get("type")
        if isinstance(kind, str) and is_v1_type(kind):
            place = places[kind].pop() if places[kind] else START
            values = tuple(_identities(resource))
            yield TerraformBlock(place, values=values, block=mode, type=kind, name=name, in_state=True)


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
    for instance in (*_dicts(resource.get("instances")), *_dicts([resource.get("primary")])):
        for holder in (instance, *_dicts([instance.get("attributes")])):
            yield from (value for name in _IDENTITIES if isinstance(value := holder.get(name), str))


def _get(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, dict) else None


def _dicts(node: Any) -> Iterator[dict[str, Any]]:
    return (each for each in node if isinstance(each, dict)) if isinstance(node, list) else iter(())

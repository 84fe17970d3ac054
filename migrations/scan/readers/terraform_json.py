"""Terraform in JSON: configurations (.tf.json) in blocks and in lists, and files of variables."""

from collections.abc import Iterator

from yaml.nodes import Node, ScalarNode

from migrations.scan.addresses import find_all_uses
from migrations.scan.findings import (
    BasicLogin,
    ContractNumber,
    FilePosition,
    ModuleCall,
    PossibleUse,
    ProviderVersion,
    ReaderResult,
    SizeVariable,
    TerraformBlock,
    UseCondition,
    VariablePath,
)
from migrations.scan.readers.json_nodes import compose_json, members_of
from migrations.scan.readers.script import read_script
from migrations.scan.readers.terraform_references import ClusterReferences
from migrations.scan.readers.terraform_sizes import SIZES, find_sizes, find_variables, held_size
from migrations.scan.readers.terraform_text import BLOCKS, is_v1_type
from migrations.scan.readers.yaml_nodes import mapping_items, place_of, text_of

_SOURCE = "ionos-cloud/ionoscloud"


def read_json(text: str) -> ReaderResult:
    """Return the uses in a configuration."""
    root = compose_json(text)
    if root is None:
        bare = tuple(find_all_uses(text, FilePosition(1, 1)))
        return ReaderResult(bare, "it is not valid JSON, or is too large")
    return ReaderResult(tuple(_JsonConfiguration(root).read()))


def read_variables_json(text: str) -> ReaderResult:
    """Return the numbers in a file of variables, and addresses."""
    root = compose_json(text)
    found = list(find_all_uses(text, FilePosition(1, 1)))
    for key, value in members_of(root):
        found += _held(f"var.{key.value}", key, value)
    return ReaderResult(tuple(found))


class _JsonConfiguration:
    def __init__(self, root: Node) -> None:
        self._root = root
        self._references = ClusterReferences()
        self._providers = {"ionoscloud"}

    def read(self) -> Iterator[PossibleUse]:
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

    def _resources(self, block: str, body: Node) -> Iterator[PossibleUse]:
        for kind, named in members_of(body):
            for name, attributes in members_of(named):
                if is_v1_type(kind.value):
                    yield from self._declared(block, kind.value, name, attributes)
                yield from self._provisioned(attributes)

    def _declared(self, block: str, kind: str, name: ScalarNode, attributes: Node) -> Iterator[PossibleUse]:
        texts = _texts(attributes)
        values = self._references.resolve(texts, texts)
        yield TerraformBlock(place=place_of(name), values=values, block=block, type=kind, name=name.value)
        fields = [(key.value, key, value) for key, value in members_of(attributes)]
        for_each = next((text_of(value) or "" for field, _, value in fields if field == "for_each"), "")
        for field, key, value in fields:
            if field in SIZES:
                yield from find_sizes(field, text_of(value) or "", place_of(key), values, for_each)

    def _provisioned(self, attributes: Node) -> Iterator[PossibleUse]:
        for key, provisioners in members_of(attributes):
            for _, each in members_of(provisioners) if key.value == "provisioner" else ():
                for field, value in members_of(each):
                    if field.value == "command" and isinstance(value, ScalarNode):
                        place = FilePosition(value.start_mark.line + 1, value.start_mark.column + 2)
                        yield from read_script(value.value.replace("\n", ";"), place)

    def _required(self, body: Node) -> Iterator[PossibleUse]:
        for key, providers in members_of(body):
            for name, wanted in members_of(providers) if key.value == "required_providers" else ():
                fields = dict(mapping_items(wanted))
                version = fields.get("version", wanted)
                if _SOURCE in (text_of(fields.get("source")) or ""):
                    self._providers.add(name.value)
                if name.value in self._providers and isinstance(version, ScalarNode):
                    yield ProviderVersion(
                        place=place_of(version), constraint=version.value, when=UseCondition.IN_FOLDER
                    )

    def _other(self, block: str, body: Node) -> Iterator[PossibleUse]:
        for name, inner in members_of(body):
            if block == "provider" and name.value in self._providers:
                yield from _login(inner)
            elif block == "variable":
                for key, value in members_of(inner):
                    yield from _held(f"var.{name.value}", key, value) if key.value == "default" else ()
            elif block == "locals":
                yield from _held(f"local.{name.value}", name, inner)
            elif block == "module":
                yield from _module(inner)

    def _texts(self) -> Iterator[PossibleUse]:
        pending = [self._root]
        while pending:
            node = pending.pop()
            if isinstance(node, ScalarNode):
                place = FilePosition(node.start_mark.line + 1, node.start_mark.column + 2)
                yield from find_all_uses(node.value.replace("\n", " "), place)
            else:
                pending += (part[1] if isinstance(part, tuple) else part for part in reversed(node.value))


def _texts(attributes: Node) -> tuple[str, ...]:
    return tuple(text for _, value in members_of(attributes) if (text := text_of(value)))


def _login(body: Node) -> Iterator[PossibleUse]:
    for key, _ in members_of(body):
        place = place_of(key)
        if key.value == "password":
            yield BasicLogin(place=place, how="provider with user and password", when=UseCondition.IN_FOLDER)
        elif key.value == "contract_number":
            yield ContractNumber(place=place, how="provider's contract_number", when=UseCondition.IN_FOLDER)


def _module(body: Node) -> Iterator[PossibleUse]:
    fields = [(key.value, key, value) for key, value in members_of(body)]
    source = next((text_of(value) or "" for name, _, value in fields if name == "source"), "")
    for name, key, value in fields if source.startswith(".") else ():
        if name == "source":
            yield ModuleCall(place=place_of(key), module=source)
        yield from _held(f"var.{name}", key, value, source)
        for variable in find_variables(text_of(value) or ""):
            yield SizeVariable(place=place_of(key), variable=variable, module=source, argument=name)


def _held(root: str, key: ScalarNode, value: Node, module: str = "") -> Iterator[PossibleUse]:
    """Yield the numbers that a variable holds, those inside its objects as well."""
    if isinstance(value, ScalarNode):
        yield from held_size(VariablePath(root), value.value, place_of(key), module=module)
        return
    pending = [value]
    while pending:
        for name, each in members_of(pending.pop()):
            if isinstance(each, ScalarNode):
                yield from held_size(
                    VariablePath(root, name.value), each.value, place_of(name), module=module
                )
            else:
                pending.append(each)

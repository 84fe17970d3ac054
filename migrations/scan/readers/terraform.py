"""Terraform: resources and data sources of v1's types, their sizes, the provider, and what blocks run."""

from collections.abc import Iterator
from dataclasses import dataclass

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError

from migrations.scan.addresses import find_all_uses, has_v1_address
from migrations.scan.findings import (
    BasicLogin,
    ContractNumber,
    FilePosition,
    ModuleCall,
    PossibleUse,
    ProviderVersion,
    ReaderResult,
    TerraformBlock,
    UseCondition,
    VariablePath,
)
from migrations.scan.readers.terraform_references import ClusterReferences
from migrations.scan.readers.terraform_runs import (
    RUN_ATTRIBUTES,
    RunValue,
    find_http_uses,
    find_run_uses,
    find_shown_commands,
)
from migrations.scan.readers.terraform_sizes import (
    SIZES,
    find_sizes,
    find_variables,
    held_size,
    passed_variables,
    put_in_numbers,
)
from migrations.scan.readers.terraform_text import BLOCKS, find_block_uses, is_v1_type

Node = Tree[Token]

_SOURCE = "ionos-cloud/ionoscloud"


@dataclass(frozen=True, slots=True)
class _Attribute:
    name: str
    value: Node
    place: FilePosition


def read_terraform(text: str) -> ReaderResult:
    """Return the uses in a configuration, a lock file or a file of variables.

    What the grammar does not take is read block by block, by its lines.
    """
    try:
        tree: Node = hcl2.parses_to_tree(text)
    except (LarkError, RecursionError, ValueError, AttributeError, IndexError, KeyError) as trouble:
        # For text outside its grammar, the library raises any of these.
        line = getattr(trouble, "line", None)
        where = f" (line {line})" if isinstance(line, int) and line > 0 else ""
        return ReaderResult(tuple(find_block_uses(text)), f"it is not valid Terraform{where}")
    return ReaderResult(tuple(_Configuration(tree, text).read()))


class _Configuration:
    def __init__(self, tree: Node, text: str) -> None:
        self._tree = tree
        self._text = text
        self._providers = {"ionoscloud"}
        self._names: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._run: set[int] = set()
        self._references = ClusterReferences()

    def read(self) -> Iterator[PossibleUse]:
        blocks = [node for node in _nodes(self._tree) if node.data == "block"]
        self._remember(blocks)
        for each in _attributes(self._tree):
            yield from self._held(f"var.{each.name}", each)
            if each.name == "inputs":
                yield from self._inputs(each, blocks)
        for block in blocks:
            yield from self._block(block, _labels(block))
        yield from self._texts()

    def _remember(self, blocks: list[Node]) -> None:
        """Remember the names of the provider, and variables that hold an address of v1."""
        for block in blocks:
            labels = _labels(block)
            attributes = list(_attributes(block))
            if len(labels) == 3 and is_v1_type(labels[1]):
                texts = (text for each in attributes if (text := _literal(each.value)))
                self._references.add(labels[1], labels[2], texts)
            if labels[0] == "required_providers":
                self._providers |= {each.name for each in attributes if _SOURCE in self._source(each.value)}
            for each in attributes:
                self._remember_value(labels, each)

    def _remember_value(self, labels: list[str], attribute: _Attribute) -> None:
        """Remember a number of a local or a variable, and addresses by the name they are reached with."""
        literal = _literal(attribute.value) or ""
        name = labels[-1] if labels[0] == "variable" else attribute.name
        if literal.isdecimal() and labels[0] in {"locals", "variable"}:
            self._numbers[f"{'local' if labels[0] == 'locals' else 'var'}.{name}"] = literal
        held = [(name, literal)] + [(e.name, _literal(e.value) or "") for e in _elements(attribute.value)]
        self._names |= {each: text for each, text in held if has_v1_address(text)}

    def _source(self, node: Node) -> str:
        """Return an expression as it stands in the file."""
        return "" if node.meta.empty else self._text[node.meta.start_pos : node.meta.end_pos]

    def _block(self, block: Node, labels: list[str]) -> Iterator[PossibleUse]:
        kind = labels[0]
        attributes = list(_attributes(block))
        if kind in BLOCKS and len(labels) == 3 and is_v1_type(labels[1]):
            yield from self._resource(block, labels, attributes)
        elif kind in {"provider", "required_providers"}:
            yield from self._versions(kind, attributes, labels)
        elif kind in {"variable", "locals", "module"}:
            yield from self._variables(kind, attributes, labels)
        elif labels[1:2] == ["http"]:
            yield from find_http_uses({each.name: self._value(each) for each in attributes}, self._names)
        yield from self._runs(attributes)

    def _resource(
        self, block: Node, labels: list[str], attributes: list[_Attribute]
    ) -> Iterator[PossibleUse]:
        literals = tuple(value for each in attributes if (value := _literal(each.value)))
        values = self._references.resolve(literals, (self._source(each.value) for each in attributes))
        place = FilePosition(block.meta.line, block.meta.column)
        yield TerraformBlock(place=place, values=values, block=labels[0], type=labels[1], name=labels[2])
        for_each = next((self._source(each.value) for each in attributes if each.name == "for_each"), "")
        for each in attributes:
            if each.name in SIZES:
                source = put_in_numbers(self._source(each.value), self._numbers)
                yield from find_sizes(each.name, source, each.place, values, for_each)

    def _versions(self, kind: str, attributes: list[_Attribute], labels: list[str]) -> Iterator[PossibleUse]:
        if kind == "required_providers":
            yield from self._required(attributes)
        elif len(labels) > 1:
            yield from self._provider(attributes, labels[1])

    def _variables(self, kind: str, attributes: list[_Attribute], labels: list[str]) -> Iterator[PossibleUse]:
        if kind == "module":
            yield from self._module(attributes)
            return
        for each in attributes:
            if kind == "locals":
                yield from self._held(f"local.{each.name}", each)
            elif each.name == "default" and len(labels) > 1:
                yield from self._held(f"var.{labels[1]}", each)

    def _held(
        self, root: str, attribute: _Attribute, module: str = "", values: tuple[str, ...] = ()
    ) -> Iterator[PossibleUse]:
        """Yield the numbers that a variable holds, those inside its objects as well."""
        elements = list(_elements(attribute.value))
        for leaf, each in [(each.name, each) for each in elements] or [("", attribute)]:
            if not list(_elements(each.value)):
                source = self._source(each.value)
                yield from held_size(
                    VariablePath(root, leaf), source, each.place, module=module, values=values
                )

    def _module(self, attributes: list[_Attribute]) -> Iterator[PossibleUse]:
        """Yield the numbers and the variables that a module of the same tree is given."""
        values = tuple(value for each in attributes if (value := _literal(each.value)))
        source = next((_literal(each.value) or "" for each in attributes if each.name == "source"), "")
        if not source.startswith("."):
            return
        for each in attributes:
            if each.name == "source":
                yield ModuleCall(place=each.place, module=source)
            yield from self._held(f"var.{each.name}", each, source, values)
            for variable in find_variables(self._source(each.value)):
                yield from passed_variables(variable, source, each.name, each.place)

    def _inputs(self, inputs: _Attribute, blocks: list[Node]) -> Iterator[PossibleUse]:
        """Yield the numbers that Terragrunt gives to a module of the same tree."""
        sources = [
            (_literal(each.value) or "").replace("//", "/")
            for block in blocks
            if _labels(block)[0] == "terraform"
            for each in _attributes(block)
            if each.name == "source"
        ]
        for source in sources:
            for each in _elements(inputs.value) if source.startswith(".") else ():
                yield from self._held(f"var.{each.name}", each, source)

    def _provider(self, attributes: list[_Attribute], name: str) -> Iterator[PossibleUse]:
        if name.endswith(_SOURCE):
            yield from (_version(each) for each in attributes if each.name == "version")
        if name not in self._providers:
            return
        for each in attributes:
            if each.name == "password":
                yield BasicLogin(
                    place=each.place, how="provider with user and password", when=UseCondition.IN_FOLDER
                )
            elif each.name == "contract_number":
                yield ContractNumber(
                    place=each.place, how="provider's contract_number", when=UseCondition.IN_FOLDER
                )
            elif each.name == "version":
                yield _version(each)

    def _required(self, attributes: list[_Attribute]) -> Iterator[PossibleUse]:
        """Yield the version in `ionoscloud = { source = "ionos-cloud/ionoscloud", version = "…" }`, or in the
        older `ionoscloud = "…"`."""
        for provider in attributes:
            if provider.name in self._providers:
                elements = list(_elements(provider.value))
                versions = [each for each in elements if each.name == "version"]
                yield from (_version(each) for each in (versions if elements else [provider]))

    def _value(self, attribute: _Attribute) -> RunValue:
        node = attribute.value
        texts = tuple(
            (str(child), FilePosition(child.line or 1, child.column or 1))
            for part in _nodes(node)
            if part.data in _TEXT_PARTS
            for child in part.children
            if isinstance(child, Token)
        )
        place = FilePosition(node.meta.line, node.meta.column) if not node.meta.empty else attribute.place
        return RunValue(self._source(node), place, texts, attribute.place)

    def _runs(self, attributes: list[_Attribute]) -> Iterator[PossibleUse]:
        """Yield the uses in commands that a block runs, and in the documents that it writes."""
        for each in attributes:
            value = self._value(each) if each.name in RUN_ATTRIBUTES else None
            found = find_run_uses(each.name, value, self._names) if value is not None else None
            if found is not None:
                self._run |= {id(part) for part in _nodes(each.value)}
                yield from found

    def _texts(self) -> Iterator[PossibleUse]:
        """Yield uses in strings and here-documents, except those that were read as commands."""
        for node in _nodes(self._tree):
            if id(node) in self._run or node.data not in _TEXT_PARTS:
                continue
            for child in node.children:
                if isinstance(child, Token):
                    place = FilePosition(child.line or 1, child.column or 1)
                    yield from find_all_uses(str(child), place)
                    yield from find_shown_commands(str(child), place, self._names)


_TEXT_PARTS = frozenset({"string_part", "heredoc_template", "heredoc_template_trim"})


def _nodes(tree: Node) -> Iterator[Node]:
    """Yield every node of the tree, from the top."""
    found: Iterator[Node] = tree.iter_subtrees_topdown()  # type: ignore[no-untyped-call]  # lark leaves it so
    return found


def _labels(block: Node) -> list[str]:
    return [
        _literal(child) or ""
        for child in block.children
        if isinstance(child, Tree) and child.data in {"identifier", "string"}
    ] or [""]


def _version(attribute: _Attribute) -> ProviderVersion:
    return ProviderVersion(
        place=attribute.place, constraint=_literal(attribute.value) or "", when=UseCondition.IN_FOLDER
    )


def _attributes(block: Node) -> Iterator[_Attribute]:
    """Yield the block's own attributes, not those of blocks inside it."""
    bodies = (child for child in block.children if isinstance(child, Tree) and child.data == "body")
    for body in bodies:
        for child in body.children:
            if isinstance(child, Tree) and child.data == "attribute":
                yield _pair(child)


def _elements(value: Node) -> Iterator[_Attribute]:
    return (_pair(node) for node in _nodes(value) if node.data == "object_elem")


def _pair(node: Node) -> _Attribute:
    parts = [
        child for child in node.children if isinstance(child, Tree) and child.data != "new_line_or_comment"
    ]
    return _Attribute(_literal(parts[0]) or "", parts[-1], FilePosition(node.meta.line, node.meta.column))


def _literal(node: Node) -> str | None:
    """Return the name, number or text without holes that stands there; None for an expression."""
    while True:
        parts = [child for child in node.children if not _is_layout(child)]
        if node.data == "string":
            parts = [child for child in parts if isinstance(child, Tree)]
        if len(parts) != 1:
            return None
        part = parts[0]
        if isinstance(part, Token):
            return str(part)
        node = part


def _is_layout(child: Node | Token) -> bool:
    return isinstance(child, Tree) and child.data == "new_line_or_comment"

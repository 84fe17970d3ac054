"""Terraform: resources and data sources of v1's types, the provider, and what provisioners run."""

from collections.abc import Iterator
from dataclasses import dataclass

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError

from migrations.scan.addresses import find_all_uses
from migrations.scan.comments import blank_hash_comments
from migrations.scan.findings import (
    BasicLogin,
    ContractNumber,
    DeclaredSize,
    FilePosition,
    PossibleUse,
    ProviderVersion,
    ReaderResult,
    TerraformBlock,
    UseCondition,
)
from migrations.scan.readers.script import read_script

Node = Tree[Token]

PREFIX = "ionoscloud_pg_"
_SIZES = frozenset({"ram", "storage_size"})


@dataclass(frozen=True, slots=True)
class _Attribute:
    name: str
    value: Node
    place: FilePosition


def is_v1_type(name: str) -> bool:
    """Return whether a resource or data source is one of v1's: those of v2 have v2 in their names."""
    return name.startswith(PREFIX) and not name.endswith("_v2")


def read_terraform(text: str) -> ReaderResult:
    """Return the uses in a configuration, a lock file or a file of variables."""
    try:
        tree: Node = hcl2.parses_to_tree(text)
    except (LarkError, RecursionError, ValueError, AttributeError, IndexError, KeyError) as trouble:
        # For text outside its grammar, the library raises any of these.
        line = getattr(trouble, "line", None)
        where = f" (line {line})" if isinstance(line, int) and line > 0 else ""
        return ReaderResult(
            tuple(find_all_uses(blank_hash_comments(text), FilePosition(1, 1))),
            f"it is not readable as Terraform{where}",
        )
    return ReaderResult(tuple(_document(tree, text)))


def _document(tree: Node, text: str) -> Iterator[PossibleUse]:
    for block in _blocks(tree):
        yield from _block(block, text)
    yield from _texts(tree)


def _blocks(tree: Node) -> Iterator[Node]:
    return (node for node in _nodes(tree) if node.data == "block")


def _nodes(tree: Node) -> Iterator[Node]:
    """Yield every node of the tree, from the top."""
    found: Iterator[Node] = tree.iter_subtrees_topdown()  # type: ignore[no-untyped-call]  # lark leaves it so
    return found


def _block(block: Node, text: str) -> Iterator[PossibleUse]:
    labels = _labels(block)
    kind = labels[0]
    if kind in {"resource", "data"} and len(labels) == 3 and is_v1_type(labels[1]):
        yield from _resource(block, labels)
    elif kind == "provider" and len(labels) > 1:
        yield from _provider(block, labels[1])
    elif kind == "required_providers":
        yield from _required(block)
    elif kind == "provisioner":
        yield from _provisioner(block, text)


def _labels(block: Node) -> list[str]:
    return [
        _literal(child) or ""
        for child in block.children
        if isinstance(child, Tree) and child.data in {"identifier", "string"}
    ]


def _resource(block: Node, labels: list[str]) -> Iterator[PossibleUse]:
    attributes = list(_attributes(block))
    values = tuple(value for each in attributes if (value := _literal(each.value)))
    place = FilePosition(block.meta.line, block.meta.column)
    yield TerraformBlock(place=place, values=values, block=labels[0], type=labels[1], name=labels[2])
    for each in attributes:
        literal = _literal(each.value) or ""
        if each.name in _SIZES and literal.isdecimal():
            yield DeclaredSize(place=each.place, values=values, field=each.name, megabytes=int(literal))


def _provider(block: Node, name: str) -> Iterator[PossibleUse]:
    if name.endswith("ionos-cloud/ionoscloud"):
        yield from (_version(each) for each in _attributes(block) if each.name == "version")
    if name != "ionoscloud":
        return
    for each in _attributes(block):
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


def _required(block: Node) -> Iterator[PossibleUse]:
    """Yield the version in `ionoscloud = { source = "ionos-cloud/ionoscloud", version = "…" }`."""
    for provider in _attributes(block):
        elements = list(_elements(provider.value))
        sources = [_literal(each.value) or "" for each in elements if each.name == "source"]
        if provider.name == "ionoscloud" or any(each.endswith("ionos-cloud/ionoscloud") for each in sources):
            yield from (_version(each) for each in elements if each.name == "version")


def _version(attribute: _Attribute) -> ProviderVersion:
    return ProviderVersion(
        place=attribute.place, constraint=_literal(attribute.value) or "", when=UseCondition.IN_FOLDER
    )


def _provisioner(block: Node, text: str) -> Iterator[PossibleUse]:
    for each in _attributes(block):
        value = each.value
        if each.name != "command" or value.meta.empty:
            continue
        source = text[value.meta.start_pos : value.meta.end_pos]
        start = FilePosition(value.meta.line, value.meta.column)
        if source.startswith('"'):
            yield from read_script(source.strip('"'), FilePosition(start.line, start.column + 1))
        elif source.startswith("<<"):
            yield from read_script(source.partition("\n")[2], FilePosition(start.line + 1, 1))


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


def _texts(tree: Node) -> Iterator[PossibleUse]:
    """Yield uses in strings and here-documents, except those of provisioners, which are read as scripts."""
    skipped = {id(node) for node in _inside_provisioners(tree)}
    for node in _nodes(tree):
        if id(node) in skipped or node.data not in {
            "string_part",
            "heredoc_template",
            "heredoc_template_trim",
        }:
            continue
        for child in node.children:
            if isinstance(child, Token):
                yield from find_all_uses(str(child), FilePosition(child.line or 1, child.column or 1))


def _inside_provisioners(tree: Node) -> Iterator[Node]:
    for block in _blocks(tree):
        if _labels(block)[0] == "provisioner":
            yield from block.iter_subtrees()

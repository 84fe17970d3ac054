"""Terraform: resources and data sources of v1's types, their sizes, the provider, and what blocks run: the
commands and documents in provisioners, external programs, hooks and written files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import hcl2
from lark import Token, Tree
from lark.exceptions import LarkError

from migrations.scan.addresses import find_all_uses, has_v1_address
from migrations.scan.findings import (
    START,
    BasicLogin,
    ContractNumber,
    FilePosition,
    ModuleCall,
    PatchRequest,
    ProviderVersion,
    TerraformBlock,
    Unreadable,
    UseCondition,
    Uses,
    VariablePath,
    embed_document,
)
from migrations.scan.readers.script import is_command, read_command, read_script
from migrations.scan.readers.shell_names import expand_variables
from migrations.scan.readers.shell_words import ShellWord
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
    put_in_numbers,
    read_terraform_text,
)

Node = Tree[Token]

_RUN_ATTRIBUTES = frozenset(
    {"command", "inline", "program", "execute", "commands", "contents", "content", "user_data", "script"}
)
_WORD_LISTS = frozenset({"program", "execute", "command"})
_TEXT_PARTS = frozenset({"string_part", "heredoc_template", "heredoc_template_trim"})


@dataclass(frozen=True, slots=True)
class _Attribute:
    name: str
    value: Node
    place: FilePosition


def read_terraform(text: str) -> Uses:
    """Yield the uses in a configuration, a lock file or a file of variables.

    What the grammar does not take is read block by block, by its lines.
    """
    try:
        tree: Node = hcl2.parses_to_tree(text)
    except (LarkError, RecursionError, ValueError, AttributeError, IndexError, KeyError) as trouble:
        # For text outside its grammar, the library raises any of these.
        line = getattr(trouble, "line", None)
        where = f" (line {line})" if isinstance(line, int) and line > 0 else ""
        yield Unreadable(START, text=f"it is not valid Terraform{where}")
        yield from read_terraform_text(text)
    else:
        yield from _Configuration(tree, text).read()


class _Configuration:
    def __init__(self, tree: Node, text: str) -> None:
        self._tree = tree
        self._text = text
        self._providers = {"ionoscloud"}
        self._names: dict[str, str] = {}
        self._numbers: dict[str, str] = {}
        self._run: set[int] = set()
        self._references = ClusterReferences()

    def read(self) -> Uses:
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
                self._references.add(labels[1], labels[2], filter(None, map(_literal_of, attributes)))
            if labels[0] == "required_providers":
                self._providers |= {
                    each.name for each in attributes if PROVIDER_SOURCE in self._source(each.value)
                }
            for each in attributes:
                self._remember_value(labels, each)

    def _remember_value(self, labels: list[str], attribute: _Attribute) -> None:
        """Remember a number of a local or a variable, and addresses by the name they are reached with."""
        literal = _literal_of(attribute)
        name = labels[-1] if labels[0] == "variable" else attribute.name
        if literal.isdecimal() and labels[0] in {"locals", "variable"}:
            self._numbers[f"{'local' if labels[0] == 'locals' else 'var'}.{name}"] = literal
        held = [(name, literal), *((each.name, _literal_of(each)) for each in _elements(attribute.value))]
        self._names |= {each: text for each, text in held if has_v1_address(text)}

    def _source(self, node: Node) -> str:
        """Return an expression as it stands in the file."""
        return "" if node.meta.empty else self._text[node.meta.start_pos : node.meta.end_pos]

    def _block(self, block: Node, labels: list[str]) -> Uses:
        kind = labels[0]
        attributes = list(_attributes(block))
        if kind in BLOCKS and len(labels) == 3 and is_v1_type(labels[1]):
            yield from self._resource(block, labels, attributes)
        elif kind == "required_providers":
            yield from self._required(attributes)
        elif kind == "provider" and len(labels) > 1:
            yield from self._provider(attributes, labels[1])
        elif kind == "module":
            yield from self._module(attributes)
        elif kind in {"variable", "locals"}:
            yield from self._variables(kind, attributes, labels)
        elif labels[1:2] == ["http"]:
            yield from self._http({each.name: each for each in attributes})
        yield from self._runs(attributes)

    def _resource(self, block: Node, labels: list[str], attributes: list[_Attribute]) -> Uses:
        literals = tuple(filter(None, map(_literal_of, attributes)))
        values = self._references.resolve(literals, (self._source(each.value) for each in attributes))
        place = FilePosition(block.meta.line, block.meta.column)
        yield TerraformBlock(place, values=values, block=labels[0], type=labels[1], name=labels[2])
        for_each = next((self._source(each.value) for each in attributes if each.name == "for_each"), "")
        for each in attributes:
            if each.name in SIZES:
                source = put_in_numbers(self._source(each.value), self._numbers)
                yield from find_sizes(each.name, source, each.place, values, for_each)

    def _variables(self, kind: str, attributes: list[_Attribute], labels: list[str]) -> Uses:
        for each in attributes:
            if kind == "locals":
                yield from self._held(f"local.{each.name}", each)
            elif each.name == "default" and len(labels) > 1:
                yield from self._held(f"var.{labels[1]}", each)

    def _held(self, root: str, attribute: _Attribute, module: str = "", values: tuple[str, ...] = ()) -> Uses:
        """Yield the numbers that a variable holds, those inside its objects as well."""
        elements = list(_elements(attribute.value))
        for leaf, each in [(each.name, each) for each in elements] or [("", attribute)]:
            if not list(_elements(each.value)):
                variable, source = VariablePath(root, leaf), self._source(each.value)
                yield from held_size(variable, source, each.place, module=module, values=values)

    def _module(self, attributes: list[_Attribute]) -> Uses:
        """Yield the numbers and the variables that a module of the same tree is given."""
        values = tuple(filter(None, map(_literal_of, attributes)))
        source = next((_literal_of(each) for each in attributes if each.name == "source"), "")
        for each in attributes if source.startswith(".") else ():
            if each.name == "source":
                yield ModuleCall(each.place, module=source)
            yield from self._held(f"var.{each.name}", each, source, values)
            yield from passed_variables(self._source(each.value), source, each.name, each.place)

    def _inputs(self, inputs: _Attribute, blocks: list[Node]) -> Uses:
        """Yield the numbers that Terragrunt gives to a module of the same tree."""
        settings = (
            each for block in blocks if _labels(block)[0] == "terraform" for each in _attributes(block)
        )
        for setting in settings:
            source = _literal_of(setting).replace("//", "/") if setting.name == "source" else ""
            for each in _elements(inputs.value) if source.startswith(".") else ():
                yield from self._held(f"var.{each.name}", each, source)

    def _provider(self, attributes: list[_Attribute], name: str) -> Uses:
        for each in attributes:
            if each.name == "version" and (name.endswith(PROVIDER_SOURCE) or name in self._providers):
                yield _version(each)
            elif name in self._providers:
                yield from find_provider_settings(each.name, each.place)

    def _required(self, attributes: list[_Attribute]) -> Uses:
        """Yield the version in `ionoscloud = { source = "ionos-cloud/ionoscloud", version = "…" }`, or in the
        older `ionoscloud = "…"`."""
        for provider in attributes:
            if provider.name in self._providers:
                elements = list(_elements(provider.value))
                versions = [each for each in elements if each.name == "version"]
                yield from (_version(each) for each in (versions if elements else [provider]))

    def _place(self, attribute: _Attribute) -> FilePosition:
        meta = attribute.value.meta
        return attribute.place if meta.empty else FilePosition(meta.line, meta.column)

    def _runs(self, attributes: list[_Attribute]) -> Uses:
        """Yield the uses in commands that a block runs, and in the documents that it writes."""
        for each in attributes:
            found = self._run_uses(each) if each.name in _RUN_ATTRIBUTES else None
            if found is not None:
                self._run |= {id(part) for part in _nodes(each.value)}
                yield from found

    def _run_uses(self, attribute: _Attribute) -> Uses | None:
        """Return the uses in a command, a list of words or commands, or a document; None for others."""
        name, source, place = attribute.name, self._source(attribute.value), self._place(attribute)
        if source.startswith("["):
            return self._list(attribute)
        if source.startswith("<<"):
            mark, *rows = source.split("\n")
            ends = [row.strip() for row in rows]
            # The grammar counts the closing line to the text.
            last = ends.index(mark.strip("<-~ ")) if mark.strip("<-~ ") in ends else len(ends)
            body, start = "\n".join(rows[:last]), FilePosition(place.line + 1, 1)
            if name in {"contents", "content"}:
                return iter((embed_document("written.tf", body, start),)) if 'resource "' in body else None
            return read_script(body, start, self._names)
        if source.startswith('"') and name == "command":
            # Two characters stay two, so that columns keep.
            text = source.strip('"').replace('\\"', ' "').replace("\\n", " ;")
            return read_script(text, FilePosition(place.line, place.column + 1), self._names)
        return None

    def _list(self, attribute: _Attribute) -> Uses:
        texts = list(_text_tokens(_nodes(attribute.value)))
        if attribute.name in _WORD_LISTS:
            yield from read_command(tuple(ShellWord(*each) for each in texts), self._names)
            return
        for text, place in texts:
            yield from read_script(text, place, self._names)

    def _http(self, fields: Mapping[str, _Attribute]) -> Uses:
        """Yield how the data source `http` calls v1; its address is found as a text."""
        sources = {name: self._source(each.value) for name, each in fields.items()}
        if not has_v1_address(expand_variables(sources.get("url", ""), self._names)):
            return
        if "PATCH" in sources.get("method", ""):
            yield PatchRequest(fields["method"].place)
        if "request_headers" not in fields:
            return
        start = self._place(fields["request_headers"])
        for number, line in enumerate(sources["request_headers"].casefold().split("\n")):
            place = FilePosition(start.line + number, 1 if number else start.column)
            if "authorization" in line and "basic" in line:
                yield BasicLogin(place, text="header Authorization: Basic")
            if "x-contract-number" in line:
                yield ContractNumber(place, text="header X-Contract-Number")

    def _texts(self) -> Uses:
        """Yield uses in strings and here-documents, except those that were read as commands: addresses, and
        lines of a longer text that are commands, as an output shows them to people."""
        for text, place in _text_tokens(node for node in _nodes(self._tree) if id(node) not in self._run):
            yield from find_all_uses(text, place)
            for number, line in enumerate(text.split("\n") if "\n" in text else ()):
                if is_command(line):
                    yield from read_script(line, FilePosition(place.line + number, 1), self._names)


def _nodes(tree: Node) -> Iterator[Node]:
    found: Iterator[Node] = tree.iter_subtrees_topdown()  # type: ignore[no-untyped-call]  # lark leaves it so
    return found


def _text_tokens(nodes: Iterator[Node]) -> Iterator[tuple[str, FilePosition]]:
    """Yield the texts of strings and here-documents among the nodes, and where they begin."""
    for node in nodes:
        for child in node.children if node.data in _TEXT_PARTS else ():
            if isinstance(child, Token):
                yield str(child), FilePosition(child.line or 1, child.column or 1)


def _labels(block: Node) -> list[str]:
    return [
        _literal(child)
        for child in block.children
        if isinstance(child, Tree) and child.data in {"identifier", "string"}
    ] or [""]


def _version(attribute: _Attribute) -> ProviderVersion:
    return ProviderVersion(attribute.place, constraint=_literal_of(attribute), when=UseCondition.IN_FOLDER)


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
    parts = [child for child in _parts(node) if isinstance(child, Tree)]
    return _Attribute(_literal(parts[0]), parts[-1], FilePosition(node.meta.line, node.meta.column))


def _literal_of(attribute: _Attribute) -> str:
    return _literal(attribute.value)


def _literal(node: Node) -> str:
    """Return the name, number or text without holes that stands there; empty for an expression."""
    while True:
        parts = _parts(node)
        if node.data == "string":
            parts = [child for child in parts if isinstance(child, Tree)]
        if len(parts) != 1:
            return ""
        part = parts[0]
        if isinstance(part, Token):
            return str(part)
        node = part


def _parts(node: Node) -> list[Node | Token]:
    """Return the children without the layout between them."""
    layout = "new_line_or_comment"
    return [child for child in node.children if not (isinstance(child, Tree) and child.data == layout)]

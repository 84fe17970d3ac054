"""YAML: Ansible tasks, Crossplane and Pulumi objects, and the scripts and addresses of any other file."""

import re
from collections.abc import Iterator, Mapping

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from migrations.scan.addresses import find_all_uses
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult
from migrations.scan.readers.ansible import find_numbers, find_task_uses
from migrations.scan.readers.crossplane import find_manifest_uses
from migrations.scan.readers.pulumi_yaml import find_pulumi_uses, find_resource_texts
from migrations.scan.readers.script import is_command, read_script
from migrations.scan.readers.yaml_nodes import mapping_items, script_in
from migrations.scan.readers.yaml_scripts import (
    ARGUMENTS,
    find_argument_uses,
    find_container_uses,
    find_logins,
    find_names,
    find_pins,
    find_step_request,
    find_text_uses,
    language_of,
)
from migrations.scan.readers.yaml_text import mask_holes, read_nodes

_PROSE = frozenset(
    {
        "name", "description", "desc", "summary", "title", "msg", "message", "comment", "doc", "docs", "help",
        "notes", "note", "displayname",
    }
)  # fmt: skip
_URI = frozenset({"uri", "ansible.builtin.uri"})
_STEPS = frozenset({"run", "source", "script"})
_LINE = re.compile(r"[ \t]*(?:- )?[ \t]*(?:[\w.-]{1,80}:[ \t])?[ \t]*(?P<text>[^\n]*)")


def read_yaml(text: str) -> ReaderResult:
    """Return the uses in every document of the file.

    A template that is not YAML before it is filled in is read as far as it can be.
    """
    read = read_nodes(text)
    is_template = mask_holes(text) != text
    trouble = "" if not read.left_out or (is_template and read.complete) else _trouble(read.left_out[0])
    if not read.complete:
        return ReaderResult(tuple(_lines(text, None, {})), trouble)
    lines = text.split("\n")
    names = {name: value for root in read.roots for name, value in find_names(root).items()}
    numbers = {name: node for root in read.roots for name, node in find_numbers(root).items()}
    found = [use for root in read.roots for use in _Walker(names, numbers, lines).walk(root)]
    return ReaderResult((*found, *_lines(text, frozenset(read.left_out), names)), trouble)


def _trouble(line: int) -> str:
    return f"it is not valid YAML (line {line})"


def _lines(text: str, wanted: frozenset[int] | None, names: Mapping[str, str]) -> Iterator[PossibleUse]:
    """Yield the uses in lines whose structure nobody knows, all where `wanted` is None: addresses, and
    lines that are commands."""
    if wanted is not None and not wanted:
        return
    for number, line in enumerate(blank_comments(text, CommentStyle.HASH).split("\n"), start=1):
        if wanted is not None and number not in wanted:
            continue
        yield from find_all_uses(line, FilePosition(number, 1))
        found = _LINE.match(line)
        if found and is_command(found["text"]):
            yield from read_script(found["text"], FilePosition(number, found.start("text") + 1), names)


class _Walker:
    def __init__(self, names: Mapping[str, str], numbers: Mapping[str, ScalarNode], lines: list[str]) -> None:
        self._lines = lines
        self._names = names
        self._numbers = numbers
        self._resources: dict[str, tuple[str, ...]] = {}

    def walk(self, root: Node) -> Iterator[PossibleUse]:
        """Yield uses depth first, in the order of the file. An anchor's node is read once, however often
        used."""
        seen: set[int] = set()
        self._resources = find_resource_texts(root)
        pending: list[tuple[str, Node, bool]] = [("", root, False)]
        while pending:
            key, node, is_item = pending.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, ScalarNode):
                yield from self._scalar(key, node, "")
            elif isinstance(node, SequenceNode):
                yield from self._sequence(key, node, pending)
            elif isinstance(node, MappingNode):
                yield from self._mapping(node, pending, is_item=is_item)

    def _mapping(
        self, node: MappingNode, pending: list[tuple[str, Node, bool]], *, is_item: bool
    ) -> Iterator[PossibleUse]:
        fields = {name.casefold(): value for name, value in mapping_items(node)}
        children: list[tuple[str, Node, bool]] = []
        yield from find_manifest_uses(node)
        yield from find_pulumi_uses(node, self._resources)
        yield from find_task_uses(node, self._names, self._numbers, is_item=is_item)
        yield from find_step_request(fields, self._names)
        yield from find_logins(node)
        read, found = find_container_uses(node, self._names, self._lines)
        yield from found
        language = language_of(fields)
        for name, value in mapping_items(node):
            # A uri task is one request, whose address was read as a whole.
            if name.casefold() in _PROSE or name in _URI or name.casefold() in read:
                continue
            if language and name in _STEPS and isinstance(value, ScalarNode):
                yield from self._scalar(name, value, language)
            else:
                children.append((_short_name(name), value, False))
        pending += reversed(children)

    def _sequence(
        self, key: str, node: SequenceNode, pending: list[tuple[str, Node, bool]]
    ) -> Iterator[PossibleUse]:
        words = [each for each in node.value if isinstance(each, ScalarNode)]
        if key in ARGUMENTS and len(words) > 1 and not _are_commands(words):
            yield from find_argument_uses(node, self._names, self._lines)
            return
        yield from find_logins(node)
        yield from find_pins(words)
        pending += ((key, each, True) for each in reversed(node.value))

    def _scalar(self, key: str, node: ScalarNode, language: str) -> Iterator[PossibleUse]:
        found = find_text_uses(key, node, self._names, self._lines, language)
        if found is not None:
            yield from found
            return
        script = script_in(node, self._lines)
        yield from find_all_uses(script.text, script.start)


def _short_name(name: str) -> str:
    """Return a key without the collection that it may name: `ansible.builtin.shell` is `shell`."""
    return (name.rpartition(".")[2] if name.startswith("ansible.") else name).casefold()


def _are_commands(words: list[ScalarNode]) -> bool:
    """Return whether a list holds commands rather than the words of one: a shell has a command for a word."""
    shell = words[0].value.rpartition("/")[2] in {"sh", "bash"}
    return not shell and any(" " in each.value and is_command(each.value) for each in words[1:])

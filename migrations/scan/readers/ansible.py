"""Ansible tasks: the collection's v1 modules, and requests to v1 by the uri module.

Source: the collection ionoscloudsdk.ionoscloud, by its own name or that of a copy; modules of v2 have v2 in
their names. The uri module takes 200 for success unless told otherwise (its documentation, status_code).
"""

import re
from collections.abc import Mapping

from yaml import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from migrations.scan.addresses import find_addresses, has_v1_address
from migrations.scan.findings import (
    AnsibleModule,
    AnswerShape,
    BasicLogin,
    ContractNumber,
    FilePosition,
    PatchRequest,
    Uses,
    read_number,
)
from migrations.scan.readers.script import read_script
from migrations.scan.readers.shell_names import expand_variables
from migrations.scan.readers.shell_words import split_commands
from migrations.scan.readers.terraform_text import MB_PER_GB, read_size
from migrations.scan.readers.yaml_nodes import (
    find_declared_sizes,
    mapping_items,
    nodes_in,
    place_of,
    script_in,
    text_of,
)

_MODULE = re.compile(r"(?:(?P<home>[\w.]{1,100})\.)?postgres_(?:cluster|backup)(?:_(?!v2)[a-z]+)*")
_URI = frozenset({"uri", "ansible.builtin.uri", "ansible.legacy.uri"})
_ACTIONS = frozenset({"action", "local_action"})
_SIZES = frozenset({"ram", "storage_size"})
_HOLE = re.compile(r"\{\{(?P<expression>[^{}\n]{0,200})\}\}")
_VARIABLE = re.compile(
    r"\s{0,9}(?:\w{1,80}\.){0,9}(?P<name>\w{1,80})\s{0,9}(?:\|\s{0,9}(?:int|default)\b.*)?"
)
_CREATED = "201"
_ACCEPTED = "202"

Fields = dict[str, Node]


def find_numbers(root: Node) -> dict[str, ScalarNode]:
    """Return the numbers of a document that may be sizes in MB, by the last part of their names."""
    return {
        name: value
        for node in nodes_in(root)
        for name, value in mapping_items(node)
        if isinstance(value, ScalarNode) and (read_number(text_of(value)) or 0) >= MB_PER_GB
    }


def find_task_uses(
    node: MappingNode, names: Mapping[str, str], numbers: Mapping[str, ScalarNode], *, is_item: bool
) -> Uses:
    """Yield the uses of a task, if the mapping is one. Tasks are items of lists, unlike other mappings.

    `numbers` are those of the file, which a size may be taken from.
    """
    for key, arguments in node.value:
        if not isinstance(key, ScalarNode):
            continue
        if key.value in _ACTIONS:
            yield from _action(arguments, names, numbers)
        elif key.value in _URI:
            yield from _uri(_fields_of(arguments), names)
        elif _is_module(key.value) and ("." in key.value or is_item):
            # A short name with a plain value is an argument of another module, not this module.
            fields = _fields_of(arguments)
            if fields or "." in key.value or not text_of(arguments):
                yield from _module(key, key.value, fields, numbers)


def _is_module(name: str) -> bool:
    """Return whether it is a module of v1 in the vendor's collection, or in a copy that has its name."""
    found = _MODULE.fullmatch(name)
    return found is not None and (found["home"] is None or "ionos" in found["home"])


def _action(node: Node, names: Mapping[str, str], numbers: Mapping[str, ScalarNode]) -> Uses:
    """Yield the uses of a module that a task names as a value: `local_action: module key=value`."""
    fields = _fields_of(node)
    text = text_of(node)
    name = text.split(maxsplit=1)[0] if text.strip() else text_of(fields.get("module"))
    if _is_module(name):
        yield from _module(fields.get("module", node), name, fields, numbers)
    elif name in _URI:
        yield from _uri(fields, names)
    elif name.rpartition(".")[2] in {"command", "shell", "raw"} and isinstance(node, ScalarNode):
        yield from read_script(" " * len(name) + text[len(name) :], script_in(node, [])[1], names)


def _fields_of(node: Node) -> Fields:
    """Return a module's arguments, also those written `key=value` in one text."""
    if not isinstance(node, ScalarNode):
        return dict(mapping_items(node))
    commands = split_commands(text_of(node), script_in(node, [])[1])
    found: Fields = {}
    for word in (word for command in commands for word in command):
        name, equals, value = word.text.partition("=")
        if equals and name.isidentifier():
            mark = Mark("", 0, word.place.line - 1, word.place.column - 1, None, 0)
            found[name] = ScalarNode("tag:yaml.org,2002:str", value, mark, mark)
    return found


def _module(at: Node, name: str, fields: Fields, numbers: Mapping[str, ScalarNode]) -> Uses:
    values = tuple(text for each in fields.values() if (text := text_of(each)))
    yield AnsibleModule(place_of(at), values=values, module=name, state=text_of(fields.get("state")))
    for size in sorted(_SIZES & fields.keys()):
        text = text_of(fields[size])
        hole = _HOLE.fullmatch(text)
        variable = _VARIABLE.fullmatch(hole["expression"]) if hole else None
        name = variable["name"] if variable else ""
        held = numbers.get(name)
        if held is not None:
            yield from read_size(name, text_of(held), place_of(held), values)
        else:
            yield from read_size(size, hole["expression"] if hole else text, place_of(fields[size]), values)
    if "password" in fields and "username" in fields and "_user" not in name:
        yield BasicLogin(place_of(fields["password"]), values=values, text="module with user and password")


def _uri(fields: Fields, names: Mapping[str, str]) -> Uses:
    url = fields.get("url")
    if not isinstance(url, ScalarNode):
        return
    source = text_of(url)
    full = expand_variables(source, names)
    if not has_v1_address(full):
        return
    nodes = nodes_in(fields.get("body"), also_in_lists=False)
    body = [pair for node in nodes for pair in mapping_items(node)]
    values = (*full.split("/"), *(text for _, value in body if (text := text_of(value))))
    place = script_in(url, [])[1]
    yield from find_addresses(full, place, values=values, literal=has_v1_address(source))
    yield from _method(fields, place, values)
    yield from _login(fields, values)
    # Sizes in a body written as YAML, at any depth.
    yield from find_declared_sizes(body, values)


def _method(fields: Fields, place: FilePosition, values: tuple[str, ...]) -> Uses:
    node = fields.get("method")
    method = (text_of(node) or "GET").upper()
    at = place if node is None else place_of(node)
    accepted = _codes(fields.get("status_code"))
    if method == "PATCH":
        yield PatchRequest(at, values=values)
    elif method == "POST" and _CREATED not in accepted and _ACCEPTED not in accepted:
        yield AnswerShape(at, values=values, text="POST that takes only 200 for success")
    elif method == "DELETE" and _ACCEPTED not in accepted:
        yield AnswerShape(at, values=values, text="DELETE that takes only 200 for success")


def _codes(node: Node | None) -> set[str]:
    if isinstance(node, SequenceNode):
        return {each.value for each in node.value if isinstance(each, ScalarNode)}
    return set(re.findall(r"\d+", text_of(node)))


def _login(fields: Fields, values: tuple[str, ...]) -> Uses:
    user = fields.get("url_username", fields.get("user"))
    if user is not None:
        yield BasicLogin(place_of(user), values=values, text="uri with user and password")
    for name, value in mapping_items(fields.get("headers")):
        if name.casefold() == "x-contract-number":
            yield ContractNumber(place_of(value), values=values, text="header X-Contract-Number")
        elif name.casefold() == "authorization" and text_of(value).casefold().startswith("basic"):
            yield BasicLogin(place_of(value), values=values, text="header Authorization: Basic")

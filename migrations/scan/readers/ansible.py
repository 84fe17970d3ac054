"""Ansible tasks: the collection's v1 modules, and requests to v1 by the uri module.

Source: the collection ionoscloudsdk.ionoscloud; modules of v2 have v2 in their names. The uri module takes
200 for success unless told otherwise (its documentation, status_code).
"""

import re
from collections.abc import Iterator, Mapping

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from migrations.scan.addresses import find_addresses, has_v1_address
from migrations.scan.findings import (
    AnsibleModule,
    AnswerShape,
    BasicLogin,
    ContractNumber,
    DeclaredSize,
    FilePosition,
    PossibleUse,
    Request,
)
from migrations.scan.readers.script import expand_variables
from migrations.scan.readers.yaml_nodes import mapping_items, place_of, script_in, text_of, texts_of

_MODULE = re.compile(r"(?:ionoscloudsdk\.ionoscloud\.)?postgres_(?:cluster|backup)(?:_(?!v2)[a-z]+)*")
_URI = frozenset({"uri", "ansible.builtin.uri"})
_SIZES = frozenset({"ram", "storage_size"})
_CREATED = "201"
_ACCEPTED = "202"


def find_task_uses(node: MappingNode, names: Mapping[str, str]) -> Iterator[PossibleUse]:
    """Yield the uses of a task, if the mapping is one."""
    for key, arguments in node.value:
        if not isinstance(key, ScalarNode):
            continue
        # A short name with a text value is an argument of another module, not this module.
        if _MODULE.fullmatch(key.value) and (isinstance(arguments, MappingNode) or "." in key.value):
            yield from _module(key, arguments)
        elif key.value in _URI and isinstance(arguments, MappingNode):
            yield from _uri(arguments, names)


def _module(key: ScalarNode, arguments: Node) -> Iterator[PossibleUse]:
    values = texts_of(arguments)
    fields = dict(mapping_items(arguments))
    state = text_of(fields.get("state")) or ""
    yield AnsibleModule(place=place_of(key), values=values, module=key.value, state=state)
    for name in _SIZES & fields.keys():
        number = text_of(fields[name]) or ""
        if number.isdecimal():
            yield DeclaredSize(place=place_of(fields[name]), values=values, field=name, megabytes=int(number))
    if "password" in fields and "username" in fields and "_user" not in key.value:
        yield BasicLogin(
            place=place_of(fields["password"]), values=values, how="module with user and password"
        )


def _uri(arguments: MappingNode, names: Mapping[str, str]) -> Iterator[PossibleUse]:
    fields = dict(mapping_items(arguments))
    url = fields.get("url")
    if not isinstance(url, ScalarNode):
        return
    full = expand_variables(url.value, names)
    if not has_v1_address(full):
        return
    values = (*full.split("/"), *_texts(fields.get("body")))
    literal = has_v1_address(url.value)
    place = script_in(url, []).start
    yield from find_addresses(full, place, values=values, literal=literal)
    yield from _method(fields, place, values)
    yield from _login(fields, values)
    yield from _body(fields.get("body"), values)


def _method(fields: dict[str, Node], place: FilePosition, values: tuple[str, ...]) -> Iterator[PossibleUse]:
    node = fields.get("method")
    method = (text_of(node) or "GET").upper()
    at = place if node is None else place_of(node)
    accepted = _codes(fields.get("status_code"))
    if method == "PATCH":
        yield Request(place=at, values=values, method=method)
    elif method == "POST" and _CREATED not in accepted and _ACCEPTED not in accepted:
        yield AnswerShape(place=at, values=values, what="POST that takes only 200 for success")
    elif method == "DELETE" and _ACCEPTED not in accepted:
        yield AnswerShape(place=at, values=values, what="DELETE that takes only 200 for success")


def _codes(node: Node | None) -> set[str]:
    if isinstance(node, SequenceNode):
        return {each.value for each in node.value if isinstance(each, ScalarNode)}
    return set(re.findall(r"\d+", text_of(node) or ""))


def _login(fields: dict[str, Node], values: tuple[str, ...]) -> Iterator[PossibleUse]:
    for name in ("url_username", "user"):
        if name in fields:
            yield BasicLogin(place=place_of(fields[name]), values=values, how="uri with user and password")
            break
    for name, value in mapping_items(fields["headers"]) if "headers" in fields else iter(()):
        if name.casefold() == "x-contract-number":
            yield ContractNumber(place=place_of(value), values=values, how="header X-Contract-Number")
        elif name.casefold() == "authorization" and (text_of(value) or "").casefold().startswith("basic"):
            yield BasicLogin(place=place_of(value), values=values, how="header Authorization: Basic")


def _body(node: Node | None, values: tuple[str, ...]) -> Iterator[PossibleUse]:
    """Yield sizes in a body written as YAML, at any depth."""
    for name, value in _fields(node):
        number = text_of(value) or ""
        if name in {"ram", "storageSize"} and number.isdecimal():
            yield DeclaredSize(place=place_of(value), values=values, field=name, megabytes=int(number))


def _texts(node: Node | None) -> Iterator[str]:
    return (text for _, value in _fields(node) if (text := text_of(value)))


def _fields(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield names and values in a mapping and in the mappings below it."""
    pending = [node] if node is not None else []
    seen: set[int] = set()  # an alias may lead back to where it stands
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        for name, value in mapping_items(part):
            yield name, value
            pending.append(value)

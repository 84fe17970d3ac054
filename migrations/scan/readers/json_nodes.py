"""JSON with the position of every name and value, which the standard library does not tell."""

import json
from collections.abc import Iterator

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from migrations.scan.readers.yaml_text import compose_documents

LARGEST = 1_000_000
"""Characters of JSON whose positions are worth the time; a generated file above it is read without them."""


def compose_json(text: str) -> Node | None:
    """Return the tree of a JSON document with positions; None where it is not JSON, or too large.

    JSON is YAML but for tabs, which become blanks.
    """
    if len(text) > LARGEST:
        return None
    try:
        json.loads(text)
        return next(iter(compose_documents(text.replace("\t", " "))), None)
    except (ValueError, RecursionError, yaml.YAMLError):
        return None


def objects_in(node: Node | None) -> Iterator[MappingNode]:
    """Yield an object, or those of a list: Terraform takes either wherever a block may stand."""
    if isinstance(node, MappingNode):
        yield node
    elif isinstance(node, SequenceNode):
        yield from (each for each in node.value if isinstance(each, MappingNode))


def members_of(node: Node | None) -> Iterator[tuple[ScalarNode, Node]]:
    """Yield the names and values of an object, or of every object in a list."""
    for each in objects_in(node):
        yield from ((key, value) for key, value in each.value if isinstance(key, ScalarNode))

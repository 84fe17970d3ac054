"""Nodes of composed YAML: the content of a mapping, and the position of a text in the file."""

from collections.abc import Iterator
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, ScalarNode

from migrations.scan.findings import FilePosition
from migrations.scan.readers.yaml_text import shown_text


@dataclass(frozen=True, slots=True)
class Script:
    """A text and where it begins."""

    text: str
    start: FilePosition


def mapping_items(node: Node) -> Iterator[tuple[str, Node]]:
    """Yield names and values of a mapping; nothing of any other node."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                yield shown_text(key.value), value


def text_of(node: Node | None) -> str | None:
    """Return the text of a scalar."""
    return shown_text(node.value) if isinstance(node, ScalarNode) else None


def place_of(node: Node) -> FilePosition:
    """Return the position of a node."""
    return FilePosition(node.start_mark.line + 1, node.start_mark.column + 1)


def texts_of(node: Node) -> tuple[str, ...]:
    """Return the texts directly in a mapping."""
    return tuple(text for _, value in mapping_items(node) if (text := text_of(value)))


def script_in(node: ScalarNode, lines: list[str]) -> Script:
    """Return a scalar's text as it stands in the file, so that its lines keep their positions.

    A folded text (`>`) has its line ends continued, since YAML joins them.
    """
    first = node.start_mark.line
    if node.style in {"|", ">"}:
        last = node.end_mark.line
        body = lines[first + 1 : last] if node.end_mark.column == 0 else lines[first + 1 : last + 1]
        joint = "\n" if node.style == "|" else " \\\n"
        return Script(joint.join(body), FilePosition(first + 2, 1))
    shift = 2 if node.style else 1
    return Script(shown_text(node.value), FilePosition(first + 1, node.start_mark.column + shift))

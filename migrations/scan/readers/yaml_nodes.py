"""YAML as people write it, and JSON: nodes with positions, templates in them, lines that no parser takes.

JSON is YAML but for tabs; the standard library's parser does not tell positions.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from migrations.scan.comments import blank_out
from migrations.scan.findings import DeclaredSize, FilePosition, Uses, read_number

_OPENINGS = re.compile(r"\{\{|\{%|\{#|<%")
_CLOSINGS = {"{{": "}}", "{%": "%}", "{#": "#}", "<%": "%>"}
_MASK = 0xE000
"""Beginning of the private characters that stand for the characters of a hole."""
_LAST = 0x1800
_HIDDEN = re.compile("[\ue000-\uf7ff]")

_IN_C: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast; a PyYAML built without libyaml does not have it."""
_DEEPEST = 200
"""Levels of nesting that the parser in C is given; tens of thousands would use up its stack unchecked."""

MOST_LINES = 12
LARGE = 100_000
"""Lines left out of a document that cannot be read before it is given up; each costs another reading, so a
document of LARGE characters gets one more."""

LARGEST_JSON = 1_000_000
"""Characters of JSON whose positions are worth the time; a generated file above it is read without them."""

_SIZES = frozenset({"ram", "storageSize"})


@dataclass(frozen=True, slots=True)
class YamlText:
    """The documents that a text holds. `left_out` are the lines, from 1, that no parser takes.

    `complete` is False where leaving out lines did not help.
    """

    roots: tuple[Node, ...]
    left_out: tuple[int, ...] = ()
    complete: bool = True


def read_nodes(text: str) -> YamlText:
    """Return the documents of a text, the holes of templates masked; `shown_text` brings them back.

    A line at which the parser gives up is left out and the rest is read again, `MOST_LINES` times.
    """
    lines = mask_holes(text).split("\n")
    left_out: list[int] = []
    for _ in range(MOST_LINES if len(text) < LARGE else 2):
        try:
            return YamlText(compose_documents("\n".join(lines)), tuple(left_out))
        except (yaml.YAMLError, RecursionError, ValueError) as trouble:
            mark = getattr(trouble, "problem_mark", None)
            at = None if mark is None else _guilty_line(lines, mark.line)
            if at is None:
                break
            left_out.append(at + 1)
            lines[at] = ""
    return YamlText((), tuple(left_out) or (1,), complete=False)


def compose_documents(text: str) -> tuple[Node, ...]:
    """Return the documents of a text. Raises YAMLError, RecursionError or ValueError, as PyYAML does."""
    depth, loader = 0, _IN_C
    for event in yaml.parse(text, Loader=_IN_C):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            loader = yaml.SafeLoader
            break
    return tuple(each for each in yaml.compose_all(text, Loader=loader) if each is not None)


def compose_json(text: str) -> Node | None:
    """Return the tree of a JSON document; None where it is not JSON, or too large."""
    if len(text) > LARGEST_JSON:
        return None
    try:
        json.loads(text)
        return next(iter(compose_documents(text.replace("\t", " "))), None)
    except (ValueError, RecursionError, yaml.YAMLError):
        return None


def shown_text(text: str) -> str:
    """Return the text with its holes as they stand in the file."""
    return _HIDDEN.sub(lambda found: chr(ord(found[0]) - _MASK), text)


def mask_holes(text: str) -> str:
    """Return the text, each character in its place, with holes in characters that mean nothing to YAML.

    A statement (`{% if x %}`, or a line that is nothing but a hole) becomes blank.
    """
    parts: list[str] = []
    ends: dict[str, int] = {}
    done = 0
    for found in _OPENINGS.finditer(text):
        if found.start() < done:
            continue
        closing = _CLOSINGS[found[0]]
        # The last end is kept: unclosed holes cost one search together.
        if ends.get(closing, -1) < found.end():
            end = text.find(closing, found.end())
            ends[closing] = len(text) if end < 0 else end
        if ends[closing] < len(text):
            end = ends[closing] + len(closing)
            parts += (text[done : found.start()], _masked(text, found.start(), end))
            done = end
    return "".join((*parts, text[done:]))


def _masked(text: str, start: int, end: int) -> str:
    hole = text[start:end]
    shown = hole.startswith(("{{", "<%="))
    if not shown or "\n" in hole or _is_alone(text, start, end):
        return blank_out(hole)
    return "".join(chr(ord(each) + _MASK) if ord(each) < _LAST else each for each in hole)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Return whether nothing but blanks stands beside the hole in its line."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = text[end : end + 200].partition("\n")[0]
    return len(before) < 200 and not before.strip() and not after.strip()


def _guilty_line(lines: list[str], at: int) -> int | None:
    """Return the line to leave out: the one that the parser names, or the last before it with a text."""
    for number in range(min(at, len(lines) - 1), max(at - 50, -1), -1):
        if lines[number].strip():
            return number
    return None


def mapping_items(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield names and values of a mapping; nothing of any other node."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                yield shown_text(key.value), value


def nodes_in(root: Node | None, *, also_in_lists: bool = True) -> Iterator[Node]:
    """Yield a node and those below it, the last ones first: each once, as an alias may lead back."""
    pending = [root] if root is not None else []
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            pending += (value for _, value in mapping_items(node))
            pending += node.value if also_in_lists and isinstance(node, SequenceNode) else ()


def members_of(node: Node | None) -> Iterator[tuple[ScalarNode, Node]]:
    """Yield the names and values of an object, or of every object in a list: Terraform's JSON takes either
    wherever a block may stand."""
    for each in node.value if isinstance(node, SequenceNode) else (node,):
        if isinstance(each, MappingNode):
            yield from ((key, value) for key, value in each.value if isinstance(key, ScalarNode))


def text_of(node: Node | None) -> str:
    """Return the text of a scalar; empty for any other node."""
    return shown_text(node.value) if isinstance(node, ScalarNode) else ""


def texts_of(node: Node | None) -> tuple[str, ...]:
    return tuple(text for _, value in mapping_items(node) if (text := text_of(value)))


def place_of(node: Node) -> FilePosition:
    return FilePosition(node.start_mark.line + 1, node.start_mark.column + 1)


def quoted_place(node: Node) -> FilePosition:
    """Return the position of a text in quotes, behind the first of them."""
    return FilePosition(node.start_mark.line + 1, node.start_mark.column + 2)


def script_in(node: ScalarNode, lines: list[str]) -> tuple[str, FilePosition]:
    """Return a scalar's text as it stands in the file, so that its lines keep their positions, and where it
    begins.

    A folded text (`>`) has its line ends continued, since YAML joins them.
    """
    first = node.start_mark.line
    if node.style in {"|", ">"}:
        last = node.end_mark.line
        body = lines[first + 1 : last] if node.end_mark.column == 0 else lines[first + 1 : last + 1]
        joint = "\n" if node.style == "|" else " \\\n"
        return joint.join(body), FilePosition(first + 2, 1)
    return shown_text(node.value), quoted_place(node) if node.style else place_of(node)


def find_declared_sizes(fields: Iterable[tuple[str, Node]], values: tuple[str, ...]) -> Uses:
    """Yield the sizes among the fields of a cluster, in the API's own spelling."""
    for name, value in fields:
        number = read_number(text_of(value))
        if name in _SIZES and number is not None:
            yield DeclaredSize(place_of(value), values=values, field=name, megabytes=number)

"""YAML as people write it: templates in it, and lines that no parser takes."""

import re
from dataclasses import dataclass

import yaml
from yaml.nodes import Node

_OPENINGS = re.compile(r"\{\{|\{%|\{#|<%")
_CLOSINGS = {"{{": "}}", "{%": "%}", "{#": "#}", "<%": "%>"}
_STATEMENT = re.compile(r"(?:\{\{|\{%|\{#|<%)(?!=)")
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
    """Return the documents of a text. Raises yaml.YAMLError, RecursionError or ValueError, as the library
    does."""
    depth, loader = 0, _IN_C
    for event in yaml.parse(text, Loader=_IN_C):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            loader = yaml.SafeLoader
            break
    return tuple(each for each in yaml.compose_all(text, Loader=loader) if each is not None)


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
        end = _find_end(text, closing, found.end(), ends)
        if end is None:
            continue
        parts += (text[done : found.start()], _masked(text, found.start(), end))
        done = end
    return "".join((*parts, text[done:]))


def _find_end(text: str, closing: str, start: int, ends: dict[str, int]) -> int | None:
    """Return the offset after the hole. The last end is kept: unclosed holes cost one search together."""
    if ends.get(closing, -1) < start:
        found = text.find(closing, start)
        ends[closing] = len(text) if found < 0 else found
    return None if ends[closing] == len(text) else ends[closing] + len(closing)


def _masked(text: str, start: int, end: int) -> str:
    hole = text[start:end]
    shown = hole.startswith(("{{", "<%="))
    if not shown or "\n" in hole or _is_alone(text, start, end):
        return "".join(character if character == "\n" else " " for character in hole)
    return "".join(chr(ord(each) + _MASK) if ord(each) < _LAST else each for each in hole)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Return whether nothing but blanks stands beside the hole in its line."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    after = text[end : end + 200].partition("\n")[0]
    return len(before) < 200 and not before.strip() and not after.strip()


def _guilty_line(lines: list[str], at: int) -> int | None:
    """Return the line to leave out: the one that the parser names, or the last before it that says
    anything."""
    for number in range(min(at, len(lines) - 1), max(at - 50, -1), -1):
        if lines[number].strip():
            return number
    return None

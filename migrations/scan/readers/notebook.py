"""Jupyter notebooks: the code of their cells, and the commands that cells hand to a shell."""

import re
from collections.abc import Iterator

from yaml.nodes import Node, ScalarNode

from migrations.scan.findings import START, EmbeddedDocument, FilePosition, Unreadable, Uses
from migrations.scan.readers.yaml_nodes import compose_json, members_of, quoted_place, text_of

_SHELL_LINE = re.compile(
    r"(?P<before>[ \t]*(?:\w+[ \t]*=[ \t]*)?)(?P<mark>!|%pip |%conda |%sx |%system )(?P<command>.*)"
)
_SHELL_CELL = re.compile(r"%%(?:bash|sh|script|!)(?:[ \t][^\n]*)?")
_PYTHON_CELL = re.compile(r"%%(?:time|timeit|capture|prun)\b")

Line = tuple[str, FilePosition]


def read_notebook(text: str) -> Uses:
    """Yield the code and the commands of a notebook, each a document for its own reader."""
    root = compose_json(text)
    if root is None:
        yield Unreadable(START, text="it is not valid JSON, or is too large")
        return
    code: list[Line] = []
    commands: list[Line] = []
    for cell in _cells(root):
        lines = list(_lines(cell))
        if lines and _SHELL_CELL.fullmatch(lines[0][0]):
            commands += lines[1:]
        elif not lines or not lines[0][0].startswith("%%") or _PYTHON_CELL.match(lines[0][0]):
            for line, place in lines:
                _share(line, place, code, commands)
    for shared, name in ((code, "cells.py"), (commands, "cells.sh")):
        if shared:
            places = tuple(place for _, place in shared)
            script = "\n".join(line for line, _ in shared)
            yield EmbeddedDocument(places[0], name=name, text=script, lines=places)


def _cells(root: Node) -> Iterator[Node]:
    """Yield the source of every cell with code. Outputs and prose are not code."""
    for key, cells in members_of(root):
        if key.value != "cells" or isinstance(cells, ScalarNode):
            continue
        for cell in cells.value:
            fields = {name.value: value for name, value in members_of(cell)}
            if text_of(fields.get("cell_type")) == "code" and "source" in fields:
                yield fields["source"]


def _lines(source: Node) -> Iterator[Line]:
    """Yield the lines of a cell, each at the position of the text that it stands in."""
    texts = [source] if isinstance(source, ScalarNode) else source.value
    for text in texts:
        if isinstance(text, ScalarNode):
            place = quoted_place(text)
            yield from ((line, place) for line in text.value.removesuffix("\n").split("\n"))


def _share(line: str, place: FilePosition, code: list[Line], commands: list[Line]) -> None:
    """Put a line where it belongs; Python keeps a statement in place of a command."""
    found = _SHELL_LINE.fullmatch(line)
    if found:
        program = found["mark"].strip("!% ")
        commands.append((f"{program} {found['command']}".strip(), place))
        code.append((found["before"] + "None", place))
    else:
        code.append(("pass" if line.startswith("%") else line, place))

"""Scripts in programs of any language: commands in strings, and here-documents."""

import re
from collections.abc import Iterator

from migrations.scan.findings import FilePosition, PossibleUse
from migrations.scan.readers.code_tokens import TokenizedProgram
from migrations.scan.readers.script import is_command, read_script

_CLIENTS = ("curl ", "wget ")
"""Other commands are found by their signatures."""
_OPENING = re.compile(r"<<<?[-~]?[ \t]?[\"']?(?P<mark>[A-Z_]{2,30})\b")
_LONGEST = 200
"""Lines of a here-document: its end is looked for no farther."""


def find_script_uses(code: TokenizedProgram) -> Iterator[PossibleUse]:
    """Yield the uses in requests that a program makes with curl, and in here-documents that are scripts."""
    lines = code.bare.split("\n")
    inside: set[int] = set()
    for document in _here_documents(lines):
        inside.update(document)
        if any(is_command(lines[at - 1]) for at in document):
            text = "\n".join(lines[at - 1] for at in document)
            yield from read_script(text, FilePosition(document.start, 1))
    for token in code.tokens:
        if token.kind == "text" and token.text.startswith(_CLIENTS):
            place = code.place(token)
            yield from read_script(token.text, place) if place.line not in inside else ()


def _here_documents(lines: list[str]) -> Iterator[range]:
    """Yield the numbers of the lines of each here-document, from 1."""
    at = 0
    while at < len(lines):
        found = _OPENING.search(lines[at])
        at += 1
        for end in range(at, min(at + _LONGEST, len(lines))) if found else ():
            if found and lines[end].strip().rstrip(";,)") == found["mark"]:
                yield range(at + 1, end + 1)
                at = end
                break

"""Text in no language of ours: addresses and words outside its comments, and shell steps in a Jenkinsfile."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from migrations.scan.addresses import find_all_uses, offset_position
from migrations.scan.comments import blank_comments
from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult, Request, UseCondition
from migrations.scan.readers.script import read_script

_STEP = re.compile(
    r"\bsh\b[\s(]*(?:script:\s*)?(?P<quote>'''|\"\"\"|'|\")(?P<body>.*?)(?<!\\)(?P=quote)", re.DOTALL
)
_PATCH = re.compile(r"[\"']PATCH[\"']|\.patch\(")


def read_text(path: PurePath, text: str) -> ReaderResult:
    """Return the uses that any text may hold."""
    bare = blank_comments(path, text)
    if path.name.casefold().startswith("jenkinsfile"):
        return ReaderResult(tuple(_pipeline(bare)))
    return ReaderResult((*find_all_uses(bare, FilePosition(1, 1)), *_methods(bare)))


def _methods(text: str) -> Iterator[PossibleUse]:
    for found in _PATCH.finditer(text):
        yield Request(
            place=offset_position(FilePosition(1, 1), text, found.start()),
            method="PATCH",
            when=UseCondition.IN_FILE,
        )


def _pipeline(text: str) -> Iterator[PossibleUse]:
    rest = []
    end = 0
    for found in _STEP.finditer(text):
        start = found.start("body")
        # Groovy's `\\\\` is one backslash; two characters stay two, so that columns keep.
        yield from read_script(
            found["body"].replace("\\\\", " \\"), offset_position(FilePosition(1, 1), text, start)
        )
        rest.append(text[end:start])
        rest.append(re.sub(r"[^\n]", " ", found["body"]))
        end = found.end("body")
    rest.append(text[end:])
    yield from find_all_uses("".join(rest), FilePosition(1, 1))

"""Jenkinsfiles: the shell steps in them, and addresses and words elsewhere."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import find_all_uses, offset_position
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult
from migrations.scan.readers.script import read_script

_STEP = re.compile(
    r"\bsh\b[\s(]*(?:script:\s*)?(?P<quote>'''|\"\"\"|'|\")(?P<body>.*?)(?<!\\)(?P=quote)", re.DOTALL
)


def read_jenkinsfile(text: str) -> ReaderResult:
    """Return the uses in a pipeline."""
    return ReaderResult(tuple(_pipeline(blank_comments(text, CommentStyle.C))))


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

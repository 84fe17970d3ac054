"""Jenkinsfiles: the shell steps in them, and addresses and words elsewhere."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import find_all_uses, offset_position
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import FilePosition, PossibleUse, ReaderResult, Request, UseCondition
from migrations.scan.readers.script import read_script

_STEP = re.compile(
    r"\b(?:sh|bat|powershell|pwsh)\b[\s(]{0,20}"
    r"(?:(?!script\b)\w{1,30}:\s{0,9}(?:'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|\w{1,30})\s{0,9},\s{0,9}){0,3}"
    r"(?:script:\s{0,9})?(?P<quote>\'\'\'|\"\"\"|'|\")(?P<body>.*?)(?<!\\)(?P=quote)",
    re.DOTALL,
)
_NAME = re.compile(
    r"\b(?P<name>[A-Za-z_]\w{0,80})\s{0,20}=\s{0,20}(?P<quote>['\"])(?P<value>[^'\"\n]{1,400})(?P=quote)"
)
_PATCH = re.compile(r"\bhttpMode:\s{0,20}['\"]PATCH['\"]")


def read_jenkinsfile(text: str) -> ReaderResult:
    """Return the uses in a pipeline."""
    return ReaderResult(tuple(_pipeline(blank_comments(text, CommentStyle.C))))


def _pipeline(text: str) -> Iterator[PossibleUse]:
    names = {each["name"]: each["value"] for each in _NAME.finditer(text)}
    rest = []
    end = 0
    for found in _STEP.finditer(text):
        start = found.start("body")
        # Groovy's `\\\\` is one backslash; two characters stay two, so that columns keep.
        yield from read_script(
            found["body"].replace("\\\\", " \\"), offset_position(FilePosition(1, 1), text, start), names
        )
        rest.append(text[end:start])
        rest.append(re.sub(r"[^\n]", " ", found["body"]))
        end = found.end("body")
    rest.append(text[end:])
    yield from find_all_uses("".join(rest), FilePosition(1, 1))
    for found in _PATCH.finditer(text):
        place = offset_position(FilePosition(1, 1), text, found.start())
        yield Request(place=place, method="PATCH", when=UseCondition.IN_FILE)

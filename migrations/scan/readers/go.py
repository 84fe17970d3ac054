"""Go: the program itself, modules of the SDK that speaks v1, and what Go's SDK writes in its own way."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import offset_position
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import (
    AnswerShape,
    BasicLogin,
    DeclaredSize,
    FilePosition,
    Pin,
    PossibleUse,
    ReaderResult,
    UseCondition,
)
from migrations.scan.readers.programs import read_program
from migrations.scan.sdk_releases import find_go_sdk

_LOGIN = re.compile(r"\bNewConfiguration\(\s*(?!\"\"|nil)[^,()]")
_SIZE = re.compile(
    r"\b(?:Set)?(?P<field>[Rr]am|[sS]torageSize)\s*(?:\(|:?=|:)\s*(?:[a-zA-Z][\w.]*\()?(?P<value>\d{3,9})\b"
)


_CREATED = re.compile(r"^[ \t]*\w+\s*,\s*(?P<answer>\w+)\s*,\s*\w+\s*:?=[^\n]*\.ClustersPost\(", re.MULTILINE)
_STATUS = re.compile(r"\b(?P<answer>\w+)\.StatusCode\s*[!=]=\s*(?:200\b|http\.StatusOK\b)")
_START = FilePosition(1, 1)


def read_go(text: str) -> ReaderResult:
    """Return the uses in a source file. Its client may stand in another file of the package."""
    result = read_program(text, CommentStyle.C, everywhere=UseCondition.IN_PACKAGE)
    lines = {use.place.line for use in result.uses if isinstance(use, DeclaredSize)}
    own = _own_ways(blank_comments(text, CommentStyle.C))
    more = (use for use in own if not (isinstance(use, DeclaredSize) and use.place.line in lines))
    return ReaderResult((*result.uses, *more))


def read_go_mod(text: str) -> ReaderResult:
    """Return the modules that go.mod or go.work requires."""
    return ReaderResult(tuple(_required(blank_comments(text, CommentStyle.C))))


def _own_ways(text: str) -> Iterator[PossibleUse]:
    for found in _LOGIN.finditer(text):
        place = offset_position(_START, text, found.start())
        yield BasicLogin(place=place, how="user and password in Go", when=UseCondition.IN_FILE)
    for found in _SIZE.finditer(text):
        yield DeclaredSize(
            place=offset_position(_START, text, found.start()),
            field=found["field"],
            megabytes=int(found["value"]),
            when=UseCondition.IN_FILE,
        )
    answers = {found["answer"] for found in _CREATED.finditer(text)} - {"_"}
    for found in _STATUS.finditer(text):
        if found["answer"] in answers:
            place = offset_position(_START, text, found.start())
            yield AnswerShape(place=place, what="200 expected of POST", when=UseCondition.IN_FILE)


def _required(text: str) -> Iterator[PossibleUse]:
    for number, line in enumerate(text.split("\n"), start=1):
        path = find_go_sdk(line)
        if path is not None and "=>" not in line and not line.lstrip().startswith("module"):
            _, _, version = line.strip().rpartition(" ")
            yield Pin(
                place=FilePosition(number, line.index(path) + 1), language="go", name=path, allows=version
            )

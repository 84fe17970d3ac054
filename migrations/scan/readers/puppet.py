"""Puppet: clusters of IONOS's module, and the commands of `exec`.

Source: the module's type postgres_cluster and its example; ram_size counts MB, as does storage_size in the
example.
"""

import re
from collections.abc import Iterator

from migrations.scan.addresses import offset_position
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import DeclaredSize, FilePosition, PossibleUse, PuppetResource, ReaderResult
from migrations.scan.readers.script import read_script
from migrations.scan.readers.signatures import find_signatures

_START = FilePosition(1, 1)
_RESOURCE = re.compile(
    r"(?<![\w:'\"])postgres_cluster[ \t]{0,9}\{\s{0,99}(?=['\"$\[\w])(?:['\"](?P<title>[^'\"\n]{0,200}))?"
)
_SIZE = re.compile(r"(?<![\w$])(?P<field>ram_size|storage_size)\s{0,40}=>\s{0,40}(?P<value>\d{1,9})(?!\w)")
_COMMAND = re.compile(
    r"(?<!\w)(?:command|unless|onlyif)\s{0,40}=>\s{0,40}(?:'(?P<plain>[^'\n]*)'|\"(?P<text>[^\"\n]*)\")"
)


def read_puppet(text: str) -> ReaderResult:
    """Return the uses in a manifest."""
    return ReaderResult(tuple(_manifest(blank_comments(text, CommentStyle.HASH))))


def _manifest(text: str) -> Iterator[PossibleUse]:
    yield from find_signatures(text)
    for found in _COMMAND.finditer(text):
        group = "plain" if found["plain"] is not None else "text"
        yield from read_script(found[group], offset_position(_START, text, found.start(group)))
    starts = list(_RESOURCE.finditer(text))
    ends = [*(each.start() for each in starts[1:]), len(text)][: len(starts)]
    for found, end in zip(starts, ends, strict=True):
        values = (found["title"] or "",)
        yield PuppetResource(
            place=offset_position(_START, text, found.start()), values=values, type="postgres_cluster"
        )
        body = text[found.end() : _closing(text, found.end(), end)]
        for size in _SIZE.finditer(body):
            place = offset_position(_START, text, found.end() + size.start())
            yield DeclaredSize(place=place, values=values, field=size["field"], megabytes=int(size["value"]))


def _closing(text: str, start: int, end: int) -> int:
    """Return the offset of the brace that closes the resource."""
    depth = 1
    for at in range(start, end):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
    return end

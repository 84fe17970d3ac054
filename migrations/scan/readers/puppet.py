"""Puppet: clusters of IONOS's module, and the commands of `exec`.

Source: the module's type postgres_cluster and its example; ram_size counts MB, as does storage_size in the
example.
"""

import re

from migrations.scan.comments import blank_comments
from migrations.scan.findings import DeclaredSize, PuppetCluster, Uses, find_places, offset_position
from migrations.scan.readers.script import read_script
from migrations.scan.readers.signatures import find_signatures

_RESOURCE = re.compile(
    r"(?<![\w:'\"])postgres_cluster[ \t]{0,9}\{\s{0,99}(?=['\"$\[\w])(?:['\"](?P<title>[^'\"\n]{0,200}))?"
)
_SIZE = re.compile(r"(?<![\w$])(?P<field>ram_size|storage_size)\s{0,40}=>\s{0,40}(?P<value>\d{1,9})(?!\w)")
_COMMAND = re.compile(
    r"(?<!\w)(?:command|unless|onlyif)\s{0,40}=>\s{0,40}(?:'(?P<plain>[^'\n]*)'|\"(?P<text>[^\"\n]*)\")"
)


def read_puppet(source: str) -> Uses:
    text = blank_comments(source)
    yield from find_signatures(text)
    for found in _COMMAND.finditer(text):
        group = "plain" if found["plain"] is not None else "text"
        yield from read_script(found[group], offset_position(text, found.start(group)))
    starts = list(find_places(_RESOURCE, text))
    ends = [*(each.start() for _, each in starts[1:]), len(text)][: len(starts)]
    for (place, found), end in zip(starts, ends, strict=True):
        values = (found["title"] or "",)
        yield PuppetCluster(place, values=values)
        inside = offset_position(text, found.end())
        body = text[found.end() : _closing(text, found.end(), end)]
        for at, size in find_places(_SIZE, body, inside):
            yield DeclaredSize(at, values=values, field=size["field"], megabytes=int(size["value"]))


def _closing(text: str, start: int, end: int) -> int:
    """Return the offset of the brace that closes the resource."""
    depth = 1
    for at in range(start, end):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return at
    return end

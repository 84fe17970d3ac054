"""Terraform that its grammar does not take, such as a template of it: blocks found by their lines."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import find_all_uses
from migrations.scan.comments import CommentStyle, blank_comments
from migrations.scan.findings import DeclaredSize, FilePosition, PossibleUse, ReaderResult, TerraformBlock
from migrations.scan.readers.terraform_sizes import find_number

PREFIX = "ionoscloud_pg_"
BLOCKS = frozenset({"resource", "data", "ephemeral"})

_HEAD = re.compile(
    r"[ \t]*(?P<block>resource|data|ephemeral)[ \t]+\"(?P<type>ionoscloud_pg_\w+)\"[ \t]+"
    r"\"(?P<name>[^\"\n]*)\""
)
_SIZE = re.compile(r"[ \t]*(?P<field>ram|storage_size)[ \t]*=[ \t]*(?P<value>[^\n]*)")
_NAME = re.compile(r"[ \t]*(?:display_name|cluster_id)[ \t]*=[ \t]*\"(?P<value>[^\"\n]*)\"")


def is_v1_type(name: str) -> bool:
    """Return whether a resource or data source is one of v1's: those of v2 have v2 in their names."""
    return name.startswith(PREFIX) and not name.endswith("_v2")


def read_terraform_template(text: str) -> ReaderResult:
    """Return the uses in a template that becomes a configuration."""
    return ReaderResult(tuple(find_block_uses(text)))


def find_block_uses(text: str) -> Iterator[PossibleUse]:
    """Yield the blocks of v1's types and the sizes in them, and addresses anywhere."""
    bare = blank_comments(text, CommentStyle.HASH)
    yield from find_all_uses(bare, FilePosition(1, 1))
    lines = bare.split("\n")
    at = 0
    while at < len(lines):
        found = _HEAD.match(lines[at])
        if found is None or not is_v1_type(found["type"]):
            at += 1
            continue
        end = next((each for each in range(at + 1, len(lines)) if _is_end(lines[each])), len(lines))
        yield from _block(found, lines, at, end)
        at = end


def _is_end(line: str) -> bool:
    return line.startswith("}") or _HEAD.match(line) is not None


def _block(found: re.Match[str], lines: list[str], start: int, end: int) -> Iterator[PossibleUse]:
    values = tuple(name["value"] for line in lines[start:end] if (name := _NAME.match(line)))
    yield TerraformBlock(
        place=FilePosition(start + 1, found.start("block") + 1),
        values=values,
        block=found["block"],
        type=found["type"],
        name=found["name"],
    )
    for number in range(start + 1, end):
        size = _SIZE.match(lines[number])
        megabytes = find_number(size["value"]) if size else None
        if size and megabytes is not None:
            place = FilePosition(number + 1, size.start("field") + 1)
            yield DeclaredSize(place=place, values=values, field=size["field"], megabytes=megabytes)

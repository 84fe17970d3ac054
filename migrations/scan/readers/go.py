"""Go: imports and required modules of the SDK that speaks v1, and the operations that only it has."""

import re
from collections.abc import Iterator

from migrations.scan.addresses import find_all_uses, offset_position, quoted_in_line
from migrations.scan.comments import blank_c_comments
from migrations.scan.findings import (
    BasicLogin,
    DeclaredSize,
    FilePosition,
    Pin,
    PossibleUse,
    ReaderResult,
    Request,
    SdkImport,
    SdkName,
    UseCondition,
)
from migrations.scan.sdk_releases import find_go_sdk

_OPERATIONS = {
    "ClustersPatch": "clusters_patch",
    "ClusterLogsGet": "cluster_logs_get",
    "ClusterRestorePost": "cluster_restore_post",
    "UsersGet": "users_get",
    "UsersList": "users_list",
    "UsersPost": "users_post",
    "UsersPatch": "users_patch",
    "UsersDelete": "users_delete",
    "DatabasesGet": "databases_get",
    "DatabasesList": "databases_list",
    "DatabasesPost": "databases_post",
    "DatabasesDelete": "databases_delete",
}
_OPERATION = re.compile(rf"\.\s*(?P<name>{'|'.join(_OPERATIONS)})\(")
_LOGIN = re.compile(r"\bNewConfiguration\(\s*(?!\"\"|nil)[^,()]|\.SetBasicAuth\(")
_PATCH = re.compile(r"\bhttp\.MethodPatch\b|\"PATCH\"")
_SIZE = re.compile(
    r"\b(?:Set)?(?P<field>[Rr]am|[sS]torageSize)\s*(?:\(|:?=|:)\s*(?:[a-zA-Z][\w.]*\()?(?P<value>\d{3,})\b"
)


def read_go(text: str) -> ReaderResult:
    """Return the uses in a source file."""
    bare = blank_c_comments(text)
    return ReaderResult(tuple(_source(bare)))


def read_go_mod(text: str) -> ReaderResult:
    """Return the modules that go.mod requires."""
    return ReaderResult(tuple(_required(blank_c_comments(text))))


def _source(text: str) -> Iterator[PossibleUse]:
    for number, line in enumerate(text.split("\n"), start=1):
        path = find_go_sdk(line) if '"' in line else None
        if path is not None:
            yield SdkImport(place=FilePosition(number, line.index(path) + 1), language="go", name=path)
    yield from find_all_uses(text, FilePosition(1, 1))
    start = FilePosition(1, 1)
    for found in _OPERATION.finditer(text):
        place = offset_position(start, text, found.start("name"))
        values = quoted_in_line(text, found.start())
        yield SdkName(place=place, values=values, name=_OPERATIONS[found["name"]], when=UseCondition.IN_FILE)
    for found in _LOGIN.finditer(text):
        place = offset_position(start, text, found.start())
        yield BasicLogin(place=place, how="user and password in Go", when=UseCondition.IN_FILE)
    for found in _PATCH.finditer(text):
        yield Request(
            place=offset_position(start, text, found.start()), method="PATCH", when=UseCondition.IN_FILE
        )
    for found in _SIZE.finditer(text):
        place = offset_position(start, text, found.start())
        megabytes = int(found["value"])
        yield DeclaredSize(place=place, field=found["field"], megabytes=megabytes, when=UseCondition.IN_FILE)


def _required(text: str) -> Iterator[PossibleUse]:
    for number, line in enumerate(text.split("\n"), start=1):
        path = find_go_sdk(line)
        if path is not None and "=>" not in line and not line.lstrip().startswith("module"):
            _, _, version = line.strip().rpartition(" ")
            yield Pin(
                place=FilePosition(number, line.index(path) + 1), language="go", name=path, allows=version
            )

"""Python: imports of the SDK, operations that only v1 has, requests by hand, and the words in strings."""

import ast
import shlex
import warnings
from collections.abc import Iterator

from migrations.scan.addresses import find_addresses, find_all_uses, find_relative_endpoint, find_words
from migrations.scan.comments import blank_hash_comments
from migrations.scan.findings import (
    BasicLogin,
    DeclaredSize,
    FilePosition,
    NextLink,
    Pin,
    PossibleUse,
    ReaderResult,
    SdkImport,
    SdkName,
    UseCondition,
)
from migrations.scan.readers.python_answers import find_answer_uses
from migrations.scan.readers.python_requests import find_request_uses
from migrations.scan.readers.python_strings import HOLE, ModuleStrings, last_name, place_of
from migrations.scan.readers.script import read_script
from migrations.scan.sdk_releases import PYTHON_SDK, allowed_sdk_releases

_MODULE = "ionoscloud_dbaas_postgres"
_OPERATIONS = frozenset(
    {
        "clusters_patch", "cluster_logs_get", "cluster_restore_post", "users_get", "users_list",
        "users_post", "users_patch", "users_delete", "databases_get", "databases_list", "databases_post",
        "databases_delete",
    }
)  # fmt: skip
_SIZES = frozenset({"ram", "storage_size", "storageSize"})
_PROGRAMS = ("ionosctl ", "curl ")
_SUFFIX = "_with_http_info"


def read_python(text: str) -> ReaderResult:
    """Return the uses in a module or script."""
    try:
        with warnings.catch_warnings():
            # Warnings about the scanned file's own escapes are not ours to show.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as trouble:
        line = getattr(trouble, "lineno", None)
        where = f" (line {line})" if isinstance(line, int) else ""
        bare = tuple(find_all_uses(blank_hash_comments(text), FilePosition(1, 1)))
        return ReaderResult(bare, f"it is not readable as Python 3{where}")
    try:
        return ReaderResult(tuple(_module(tree)))
    except RecursionError:
        return ReaderResult((), "it is nested too deeply")


def _module(tree: ast.Module) -> Iterator[PossibleUse]:
    strings = ModuleStrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _import(node)
        elif isinstance(node, ast.expr):
            yield from _expression(node, strings)
    for text in strings.literals():
        yield from _string(text)
    yield from find_answer_uses(tree, strings)


def _expression(node: ast.expr, strings: ModuleStrings) -> Iterator[PossibleUse]:
    if isinstance(node, ast.Attribute | ast.Subscript):
        yield from _link(node, node.value)
    elif isinstance(node, ast.Dict):
        yield from _dict(node)
    elif isinstance(node, ast.List | ast.Tuple):
        yield from _command(node)
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            yield from _link(node, node.func.value)
        yield from _call(node, strings)
        yield from find_request_uses(node, strings)


def _import(node: ast.Import | ast.ImportFrom) -> Iterator[PossibleUse]:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
    for name in names:
        if name.partition(".")[0] == _MODULE and not getattr(node, "level", 0):
            yield SdkImport(place=place_of(node), language="python", name=_MODULE, when=UseCondition.BY_PIN)
            return


def _string(node: ast.Constant) -> Iterator[PossibleUse]:
    text, place = str(node.value), place_of(node)
    at = FilePosition(place.line, place.column + 1)
    if text.startswith(_PROGRAMS):
        yield from read_script(text, at)
        return
    yield from find_addresses(text, at)
    yield from find_relative_endpoint(text, at)
    # A state or header stands alone in its string; within a sentence it is prose.
    if " " not in text.strip():
        yield from find_words(text, at)
    allows = allowed_sdk_releases(text) if text[:10].casefold() == "ionoscloud" else None
    if allows:
        yield Pin(place=place, language="python", name=PYTHON_SDK, allows=allows)


def _command(node: ast.List | ast.Tuple) -> Iterator[PossibleUse]:
    """Yield the uses in `["ionosctl", "dbaas", …]`, as subprocess takes it; what is not text becomes a
    hole."""
    words = [each.value if isinstance(each, ast.Constant) else HOLE for each in node.elts]
    if words and words[0] == "ionosctl":
        yield from read_script(shlex.join(map(str, words)), place_of(node))


def _call(node: ast.Call, strings: ModuleStrings) -> Iterator[PossibleUse]:
    name = last_name(node.func).removesuffix(_SUFFIX)
    values = tuple(strings.values(node))
    if name in _OPERATIONS and isinstance(node.func, ast.Attribute):
        yield SdkName(place=place_of(node.func), values=values, name=name, when=UseCondition.IN_FILE)
    if name == "Configuration" and any(each.arg == "password" for each in node.keywords):
        yield BasicLogin(
            place=place_of(node),
            values=values,
            how="Configuration with user and password",
            when=UseCondition.IN_FILE,
        )
    if name.endswith("ClusterProperties"):
        for keyword in node.keywords:
            yield from _size(keyword.arg, keyword.value, values)


def _dict(node: ast.Dict) -> Iterator[PossibleUse]:
    values = tuple(
        each.value for each in node.values if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield from _size(key.value, value, values)


def _size(name: str | None, value: ast.expr, values: tuple[str, ...]) -> Iterator[PossibleUse]:
    """Yield a literal size, or a product of literals such as `8 * 1024`."""
    number = _number(value)
    if name in _SIZES and number is not None:
        yield DeclaredSize(
            place=place_of(value), values=values, field=name, megabytes=number, when=UseCondition.IN_FILE
        )


def _number(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        left, right = _number(node.left), _number(node.right)
        return left * right if left is not None and right is not None else None
    return None


def _link(node: ast.expr, owner: ast.expr) -> Iterator[PossibleUse]:
    """Yield `page["links"]["next"]`, `page.links.next`, `page.get("_links", {}).get("next")`."""
    if _key(node) == "next" and _key(owner) in {"links", "_links"}:
        yield NextLink(place=place_of(node), how="link to the next page", when=UseCondition.IN_FILE)


def _key(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    if isinstance(node, ast.Call) and last_name(node.func) == "get" and node.args:
        first = node.args[0]
        return str(first.value) if isinstance(first, ast.Constant) else ""
    return ""
